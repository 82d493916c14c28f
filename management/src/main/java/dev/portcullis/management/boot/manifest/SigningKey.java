package dev.portcullis.management.boot.manifest;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;

/// The secret half of a key that signs manifests. The platform never needs it: whoever makes
/// manifests keeps it elsewhere.
public final class SigningKey {
  private static final int MOST_BYTES = 4096;

  private final PrivateKey key;

  private SigningKey(PrivateKey key) {
    this.key = key;
  }

  /// Makes a key, and writes its halves: PEM, the secret one for its owner only. Neither file may
  /// be there.
  public static void generate(Path secret, Path open) throws IOException {
    KeyPair pair;
    try {
      pair = KeyPairGenerator.getInstance(VerifyingKey.ALGORITHM).generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new AssertionError("every JDK has Ed25519", e);
    }
    Files.createFile(
        secret, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.write(
        secret,
        Pem.write("PRIVATE KEY", pair.getPrivate().getEncoded())
            .getBytes(StandardCharsets.US_ASCII),
        StandardOpenOption.WRITE);
    Files.writeString(
        open,
        Pem.write("PUBLIC KEY", pair.getPublic().getEncoded()),
        StandardOpenOption.CREATE_NEW,
        StandardOpenOption.WRITE);
  }

  /// Reads a key: PEM, `PRIVATE KEY`, as PKCS#8.
  public static SigningKey read(Path file) throws ManifestException {
    try {
      byte[] der = Pem.read("PRIVATE KEY", SmallFile.read(file, MOST_BYTES));
      return new SigningKey(
          KeyFactory.getInstance(VerifyingKey.ALGORITHM)
              .generatePrivate(new PKCS8EncodedKeySpec(der)));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new ManifestException(
          "%s: no secret Ed25519 key: %s".formatted(file, e.getMessage()), e);
    } catch (IOException e) {
      throw new ManifestException(e.getMessage(), e);
    }
  }

  /// The signature of `bytes`.
  public byte[] sign(byte[] bytes) {
    try {
      Signature signature = Signature.getInstance(VerifyingKey.ALGORITHM);
      signature.initSign(key);
      signature.update(bytes);
      return signature.sign();
    } catch (GeneralSecurityException e) {
      throw new AssertionError("every JDK has Ed25519", e);
    }
  }
}
