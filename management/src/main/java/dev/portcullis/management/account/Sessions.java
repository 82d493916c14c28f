package dev.portcullis.management.account;

import dev.portcullis.management.account.Accounts.Entered;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Who is logged in. Tokens are kept as hashes only, so nothing that is shown contains one; nobody
/// outlives the process.
public final class Sessions {
  /// How many there may be.
  public static final int MOST = 64;

  private static final int TOKEN_BYTES = 32;

  private final Duration timeout;
  private final InstantSource clock;
  private final SecureRandom random = new SecureRandom();
  private final Map<String, Session> byToken = new LinkedHashMap<>();
  private long last;

  /// Somebody logged in.
  ///
  /// @param id in its address
  /// @param entered with which account and password
  /// @param used when it was used last
  public record Session(String id, Entered entered, Instant created, Instant used) {
    /// Whose it is, as they were then.
    public Account account() {
      return entered.account();
    }
  }

  /// A new session, with what its owner shows from then on.
  public record Begun(Session session, String token) {}

  /// @param timeout after which one that is not used ends
  public Sessions(Duration timeout, InstantSource clock) {
    this.timeout = timeout;
    this.clock = clock;
  }

  /// After how long one that is not used ends.
  public Duration timeout() {
    return timeout;
  }

  /// Begins one; nothing if there are too many.
  public synchronized Optional<Begun> begin(Entered entered) {
    expire();
    if (byToken.size() >= MOST) {
      return Optional.empty();
    }
    byte[] bytes = new byte[TOKEN_BYTES];
    random.nextBytes(bytes);
    String token = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    Instant now = clock.instant();
    Session session = new Session(Long.toString(++last), entered, now, now);
    byToken.put(hash(token), session);
    return Optional.of(new Begun(session, token));
  }

  /// Whose token this is.
  public synchronized Optional<Session> use(String token) {
    expire();
    String key = hash(token);
    Session session = byToken.get(key);
    if (session == null) {
      return Optional.empty();
    }
    byToken.put(key, new Session(session.id, session.entered, session.created, clock.instant()));
    return Optional.of(session);
  }

  /// All that are there.
  public synchronized List<Session> all() {
    expire();
    return new ArrayList<>(byToken.values());
  }

  /// The one with this id.
  public synchronized Optional<Session> find(String id) {
    return all().stream().filter(one -> one.id.equals(id)).findFirst();
  }

  /// Has one go on, whose owner has another password now.
  public synchronized void goOn(String id, Entered entered) {
    byToken.replaceAll(
        (_, one) -> one.id.equals(id) ? new Session(id, entered, one.created, one.used) : one);
  }

  /// Ends one.
  public synchronized void end(String id) {
    byToken.values().removeIf(one -> one.id.equals(id));
  }

  /// Ends all of an account's, but for one.
  ///
  /// @param but id of the one that stays
  public synchronized void endOf(String account, Optional<String> but) {
    byToken
        .values()
        .removeIf(one -> one.account().name().equals(account) && !but.equals(Optional.of(one.id)));
  }

  private void expire() {
    Instant now = clock.instant();
    byToken.values().removeIf(one -> one.used.plus(timeout).isBefore(now));
  }

  private static String hash(String token) {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(sha256.digest(token.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }
}
