package dev.portcullis.system;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;

/// Sums on the host, written as `sha256sum` does.
final class Sha256 {
  private Sha256() {}

  /// The sum of the first `lengthBytes` bytes of a file.
  static String of(Path file, long lengthBytes) throws Exception {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    byte[] buffer = new byte[1 << 20];
    try (InputStream in = Files.newInputStream(file)) {
      for (long left = lengthBytes; left > 0; left -= buffer.length) {
        int read = in.readNBytes(buffer, 0, (int) Math.min(left, buffer.length));
        digest.update(buffer, 0, read);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }
}
