package dev.portcullis.management.state;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Texts by key, each in a file of its own, which is replaced as a whole: whoever reads finds the
/// last text that was written, or the one before if that write was cut short, never a part.
///
/// ```
///   key  ─▶  folder/key.state:  SHA-256 of the text, a line end, the text
/// ```
///
/// For any thread. One process uses a folder at a time.
public final class StateStore {
  private static final Pattern KEY = Pattern.compile("[a-z0-9][a-z0-9.-]{0,80}");
  private static final String ENDING = ".state";
  private static final int MOST_BYTES = 16 << 20;
  private static final int DIGEST_CHARACTERS = 64;

  private final Path folder;

  private StateStore(Path folder) {
    this.folder = folder;
  }

  /// A store in `folder`, which is made if it is missing, for its owner only.
  public static StateStore open(Path folder) throws StateException {
    try {
      if (!Files.isDirectory(folder)) {
        Files.createDirectories(
            folder,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      }
      return new StateStore(folder);
    } catch (IOException e) {
      throw new StateException("cannot keep state in " + folder + ": " + e.getMessage(), e);
    }
  }

  /// The text that was last written.
  ///
  /// @throws StateException if there is one that is damaged or cannot be read: whoever asks must
  ///   then be as strict as if nothing were known
  public synchronized Optional<String> read(String key) throws StateException {
    Path file = file(key);
    try {
      if (!Files.exists(file)) {
        return Optional.empty();
      }
      if (Files.size(file) > MOST_BYTES) {
        throw new StateException(file + " is too large to be state");
      }
      String whole = Files.readString(file, StandardCharsets.UTF_8);
      int end = whole.indexOf('\n');
      String text = whole.substring(end + 1);
      if (end != DIGEST_CHARACTERS || !whole.substring(0, end).equals(digest(text))) {
        throw new StateException(file + " is damaged");
      }
      return Optional.of(text);
    } catch (IOException e) {
      throw new StateException("cannot read " + file + ": " + e.getMessage(), e);
    }
  }

  /// The keys that begin with `prefix` and have a text, in order.
  public synchronized List<String> keys(String prefix) throws StateException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.startsWith(prefix) && name.endsWith(ENDING))
          .map(name -> name.substring(0, name.length() - ENDING.length()))
          .sorted()
          .toList();
    } catch (IOException | UncheckedIOException e) {
      throw new StateException("cannot read " + folder + ": " + e.getMessage(), e);
    }
  }

  /// Keeps `text`: when this returns, the disk has it.
  public synchronized void write(String key, String text) throws StateException {
    Path file = file(key);
    Path next = file.resolveSibling(file.getFileName() + ".next");
    byte[] whole = (digest(text) + "\n" + text).getBytes(StandardCharsets.UTF_8);
    if (whole.length > MOST_BYTES) {
      throw new StateException(key + " is too large to be state");
    }
    try {
      try (FileChannel channel =
          FileChannel.open(
              next,
              StandardOpenOption.CREATE,
              StandardOpenOption.WRITE,
              StandardOpenOption.TRUNCATE_EXISTING)) {
        ByteBuffer bytes = ByteBuffer.wrap(whole);
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
        channel.force(true);
      }
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
      forceFolder();
    } catch (IOException e) {
      throw new StateException("cannot write " + file + ": " + e.getMessage(), e);
    }
  }

  /// Keeps nothing for `key` any more.
  public synchronized void forget(String key) throws StateException {
    Path file = file(key);
    try {
      if (Files.deleteIfExists(file)) {
        forceFolder();
      }
    } catch (IOException e) {
      throw new StateException("cannot remove " + file + ": " + e.getMessage(), e);
    }
  }

  private void forceFolder() throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private Path file(String key) {
    if (!KEY.matcher(key).matches()) {
      throw new IllegalArgumentException("no key for state: " + key);
    }
    return folder.resolve(key + ENDING);
  }

  private static String digest(String text) {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(sha256.digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }
}
