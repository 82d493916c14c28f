package dev.portcullis.management.account;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The accounts in a file, which is looked at each time somebody logs in: one that is damaged lets
/// nobody in. Whoever gives wrong passwords is locked out for a while, whether there is such an
/// account or not.
public final class Accounts {
  /// Wrong passwords in a row after which an account is locked.
  public static final int LOCKOUT_THRESHOLD = 5;

  /// How long it is locked then.
  public static final Duration LOCKOUT = Duration.ofMinutes(5);

  /// Characters a password has at least.
  public static final int LEAST_PASSWORD = 8;

  /// Characters a password has at most.
  public static final int MOST_PASSWORD = 256;

  private static final int MOST_ACCOUNTS = 256;
  private static final int MOST_BYTES = 1 << 20;

  /// Names that are kept with their failures; beyond that, names nobody has are forgotten.
  private static final int MOST_FAILURES = 1024;

  /// A lock of a file is a process's, not a thread's.
  private static final Object ONE_AT_A_TIME = new Object();

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Path file;
  private final InstantSource clock;
  private final Map<String, Failures> failures = new HashMap<>();

  /// Passwords cost a processor's time: few are tried at once.
  private final Semaphore tries = new Semaphore(2);

  /// What became of a change that was asked for from afar.
  public enum Change {
    /// It is in the file.
    DONE,
    /// There is an account of that name already.
    IS_THERE,
    /// There is no account of that name.
    NOT_THERE,
    /// There are as many accounts as there may be.
    TOO_MANY,
    /// Nobody would be left who may change accounts.
    LAST_ADMINISTRATOR
  }

  /// Somebody who has logged in.
  ///
  /// @param passwordMark is another one as soon as they have another password
  public record Entered(Account account, String passwordMark) {}

  private record Failures(int count, Instant last) {}

  private record Entry(Account account, PasswordHash password) {}

  /// @param file need not be there yet: nobody can log in then
  public Accounts(Path file, InstantSource clock) {
    this.file = file;
    this.clock = clock;
  }

  /// Who logs in with these, if they are right.
  ///
  /// @throws AccountException if the file cannot be read
  public Optional<Entered> enter(String name, String password)
      throws AccountException, InterruptedException {
    if (password.length() > MOST_PASSWORD || isLocked(name)) {
      return Optional.empty();
    }
    Optional<Entry> entry = Optional.ofNullable(load().get(name));
    tries.acquire();
    boolean matches;
    try {
      matches = entry.map(Entry::password).orElse(PasswordHash.NOBODY).matches(password);
    } finally {
      tries.release();
    }
    boolean isRight = matches && entry.isPresent();
    note(name, isRight);
    return isRight
        ? entry.map(one -> new Entered(one.account, one.password.salt()))
        : Optional.empty();
  }

  /// The account of somebody who has logged in, as it is now; nothing if it, or its password, is no
  /// more.
  ///
  /// @throws AccountException if the file cannot be read
  public Optional<Account> stillIn(Entered one) throws AccountException {
    return Optional.ofNullable(load().get(one.account.name()))
        .filter(entry -> entry.password.salt().equals(one.passwordMark))
        .map(Entry::account);
  }

  /// Whether `name` has given too many wrong passwords of late.
  public synchronized boolean isLocked(String name) {
    Failures known = failures.get(name);
    return known != null
        && known.count >= LOCKOUT_THRESHOLD
        && clock.instant().isBefore(known.last.plus(LOCKOUT));
  }

  private synchronized void note(String name, boolean isRight) {
    if (isRight) {
      failures.remove(name);
      return;
    }
    Instant now = clock.instant();
    if (failures.size() >= MOST_FAILURES) {
      failures.values().removeIf(one -> one.last.plus(LOCKOUT).isBefore(now));
      if (failures.size() >= MOST_FAILURES) {
        failures.clear();
      }
    }
    Failures before = failures.get(name);
    boolean isOld = before == null || before.last.plus(LOCKOUT).isBefore(now);
    failures.put(name, new Failures(isOld ? 1 : before.count + 1, now));
  }

  /// All of them, by name.
  ///
  /// @throws AccountException if the file cannot be read
  public List<Account> all() throws AccountException {
    return load().values().stream().map(Entry::account).toList();
  }

  /// The account called `name`.
  public Optional<Account> find(String name) throws AccountException {
    return Optional.ofNullable(load().get(name)).map(Entry::account);
  }

  /// Adds an account, or gives one that is there another password and role.
  ///
  /// @throws IllegalArgumentException if the password is too short or too long
  /// @throws AccountException if the file cannot be read or written
  public void put(Account account, String password) throws AccountException {
    PasswordHash hash = hashed(password);
    Change change =
        change(entries -> {
          entries.put(account.name(), new Entry(account, hash));
          return entries.size() > MOST_ACCOUNTS ? Change.TOO_MANY : Change.DONE;
        });
    if (change == Change.TOO_MANY) {
      throw new AccountException("there are %d accounts already".formatted(MOST_ACCOUNTS));
    }
  }

  private static PasswordHash hashed(String password) {
    if (password.length() < LEAST_PASSWORD || password.length() > MOST_PASSWORD) {
      throw new IllegalArgumentException(
          "a password has %d to %d characters".formatted(LEAST_PASSWORD, MOST_PASSWORD));
    }
    return PasswordHash.of(password);
  }

  /// Adds an account that is not there yet.
  ///
  /// @throws IllegalArgumentException if the password is too short or too long
  /// @throws AccountException if the file cannot be read or written
  public Change add(Account account, String password) throws AccountException {
    PasswordHash hash = hashed(password);
    return change(entries -> {
      if (entries.putIfAbsent(account.name(), new Entry(account, hash)) != null) {
        return Change.IS_THERE;
      }
      return entries.size() > MOST_ACCOUNTS ? Change.TOO_MANY : Change.DONE;
    });
  }

  /// Gives an account another role, another password, or both.
  ///
  /// @throws IllegalArgumentException if the password is too short or too long
  /// @throws AccountException if the file cannot be read or written
  public Change change(String name, Optional<Role> role, Optional<String> password)
      throws AccountException {
    Optional<PasswordHash> hash = password.map(Accounts::hashed);
    return change(entries -> {
      Entry before = entries.get(name);
      if (before == null) {
        return Change.NOT_THERE;
      }
      Account after = new Account(name, role.orElse(before.account.role()));
      entries.put(name, new Entry(after, hash.orElse(before.password)));
      return isLast(before, entries) ? Change.LAST_ADMINISTRATOR : Change.DONE;
    });
  }

  /// Removes an account, unless it is the last that may change accounts.
  ///
  /// @throws AccountException if the file cannot be read or written
  public Change removeUnlessLast(String name) throws AccountException {
    return change(entries -> {
      Entry before = entries.remove(name);
      if (before == null) {
        return Change.NOT_THERE;
      }
      return isLast(before, entries) ? Change.LAST_ADMINISTRATOR : Change.DONE;
    });
  }

  private static boolean isLast(Entry before, Map<String, Entry> after) {
    return before.account.role() == Role.ADMINISTRATOR
        && after.values().stream().noneMatch(one -> one.account.role() == Role.ADMINISTRATOR);
  }

  /// Forgets wrong passwords that were given for `name`.
  public synchronized void unlock(String name) {
    failures.remove(name);
  }

  /// Removes an account.
  ///
  /// @return whether there was one
  /// @throws AccountException if the file cannot be read or written
  public boolean remove(String name) throws AccountException {
    Change change =
        change(entries -> entries.remove(name) == null ? Change.NOT_THERE : Change.DONE);
    return change == Change.DONE;
  }

  /// What is done to the accounts; [Change#DONE] if that is to be kept.
  private interface Edit {
    Change of(Map<String, Entry> entries);
  }

  /// Changes the file, which nobody else changes meanwhile: no other thread, and no other process.
  private Change change(Edit edit) throws AccountException {
    Path folder = file.toAbsolutePath().getParent();
    Path lock = folder.resolve("." + file.getFileName() + ".lock");
    synchronized (ONE_AT_A_TIME) {
      try {
        Files.createDirectories(folder);
        try (FileChannel channel =
            FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
          channel.lock();
          Map<String, Entry> entries = load();
          Change change = edit.of(entries);
          if (change == Change.DONE) {
            save(folder, entries);
          }
          return change;
        }
      } catch (IOException e) {
        throw new AccountException("accounts in " + file + ": " + e.getMessage(), e);
      }
    }
  }

  private Map<String, Entry> load() throws AccountException {
    try {
      if (Files.size(file) > MOST_BYTES) {
        throw new AccountException(file + " is too large to be accounts");
      }
      Map<String, Entry> entries = new LinkedHashMap<>();
      for (JsonNode node : JSON.readTree(Files.readString(file)).path("accounts")) {
        Account account =
            new Account(node.path("name").asString(""), Role.of(node.path("role").asString("")));
        PasswordHash password =
            new PasswordHash(
                node.path("iterations").asInt(0),
                node.path("salt").asString(""),
                node.path("hash").asString(""));
        entries.put(account.name(), new Entry(account, password));
      }
      return entries;
    } catch (NoSuchFileException none) {
      return new LinkedHashMap<>();
    } catch (IOException | JacksonException | IllegalArgumentException e) {
      throw new AccountException("accounts in " + file + ": " + e.getMessage(), e);
    }
  }

  private void save(Path folder, Map<String, Entry> entries) throws IOException {
    List<Map<String, Object>> list = new ArrayList<>();
    for (Entry entry : entries.values()) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("name", entry.account.name());
      one.put("role", entry.account.role().word());
      one.put("iterations", entry.password.iterations());
      one.put("salt", entry.password.salt());
      one.put("hash", entry.password.hash());
      list.add(one);
    }
    Path next =
        Files.createTempFile(
            folder,
            ".accounts",
            ".next",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    String text =
        JSON.writerWithDefaultPrettyPrinter().writeValueAsString(Map.of("accounts", list));
    Files.writeString(next, text + "\n", StandardCharsets.UTF_8);
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
  }
}
