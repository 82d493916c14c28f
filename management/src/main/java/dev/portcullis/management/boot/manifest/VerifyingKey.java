package dev.portcullis.management.boot.manifest;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.X509EncodedKeySpec;

/// The public half of a key that signs manifests: Ed25519.
public final class VerifyingKey {
  static final String ALGORITHM = "Ed25519";
  private static final int MOST_BYTES = 4096;

  private final String name;
  private final PublicKey key;

  VerifyingKey(String name, PublicKey key) {
    this.name = name;
    this.key = key;
  }

  /// Reads a key: PEM, `PUBLIC KEY`.
  public static VerifyingKey read(Path file) throws ManifestException {
    try {
      byte[] der = Pem.read("PUBLIC KEY", SmallFile.read(file, MOST_BYTES));
      PublicKey key = KeyFactory.getInstance(ALGORITHM).generatePublic(new X509EncodedKeySpec(der));
      return new VerifyingKey(file.toString(), key);
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new ManifestException(
          "%s: no public Ed25519 key: %s".formatted(file, e.getMessage()), e);
    } catch (IOException e) {
      throw new ManifestException(e.getMessage(), e);
    }
  }

  /// What messages call it.
  public String name() {
    return name;
  }

  /// Whether `signature` is one of `bytes` by whoever has the secret half.
  public boolean isSignature(byte[] signature, byte[] bytes) {
    try {
      Signature check = Signature.getInstance(ALGORITHM);
      check.initVerify(key);
      check.update(bytes);
      return check.verify(signature);
    } catch (SignatureException malformed) {
      return false;
    } catch (GeneralSecurityException e) {
      throw new AssertionError("every JDK has Ed25519", e);
    }
  }
}
