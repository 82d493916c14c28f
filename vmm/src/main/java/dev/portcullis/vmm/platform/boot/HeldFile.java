package dev.portcullis.vmm.platform.boot;

import dev.portcullis.vmm.platform.boot.BootPart.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// A copy of a file that nobody else changes: what is measured is what was written to it.
///
/// @param part what was measured
/// @param path the copy, in a folder of its owner's only
public record HeldFile(BootPart part, Path path) {
  private static final int STEP_BYTES = 1 << 16;

  /// Copies `source`, and measures what it copies.
  ///
  /// @param target in a private folder; replaced if it is there
  /// @param mostBytes how long it may be
  /// @throws IOException if it cannot be read, or is longer
  public static HeldFile copy(Kind kind, Path source, Path target, long mostBytes)
      throws IOException {
    Files.deleteIfExists(target);
    MessageDigest sha256 = sha256();
    long bytes = 0;
    try (InputStream in = Files.newInputStream(source);
        OutputStream out = Files.newOutputStream(target, StandardOpenOption.CREATE_NEW)) {
      byte[] step = new byte[STEP_BYTES];
      for (int count = in.read(step); count >= 0; count = in.read(step)) {
        bytes += count;
        if (bytes > mostBytes) {
          throw new IOException("%s is longer than %,d bytes".formatted(source, mostBytes));
        }
        sha256.update(step, 0, count);
        out.write(step, 0, count);
      }
    }
    Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("r--------"));
    return new HeldFile(part(kind, source, bytes, sha256.digest()), target);
  }

  /// What `bytes` are, which were read from `source`.
  static BootPart part(Kind kind, Path source, byte[] bytes) {
    return part(kind, source, bytes.length, sha256().digest(bytes));
  }

  private static BootPart part(Kind kind, Path source, long bytes, byte[] digest) {
    return new BootPart(kind, source.toString(), bytes, HexFormat.of().formatHex(digest));
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }
}
