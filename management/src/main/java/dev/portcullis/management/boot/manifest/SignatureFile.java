package dev.portcullis.management.boot.manifest;

import java.io.IOException;
import java.nio.file.Path;

/// Detached signatures: the 64 bytes of Ed25519 and nothing else, as `openssl pkeyutl -sign -rawin`
/// writes them.
public final class SignatureFile {
  static final int BYTES = 64;

  private SignatureFile() {}

  static byte[] read(Path file) throws ManifestException {
    try {
      byte[] bytes = SmallFile.read(file, BYTES);
      if (bytes.length < BYTES) {
        throw new ManifestException(file + ": a signature has 64 bytes, not " + bytes.length);
      }
      return bytes;
    } catch (IOException e) {
      throw new ManifestException(e.getMessage(), e);
    }
  }

  /// Where the signature of `manifest` is if nobody says otherwise.
  public static Path of(Path manifest) {
    return manifest.resolveSibling(manifest.getFileName() + ".sig");
  }
}
