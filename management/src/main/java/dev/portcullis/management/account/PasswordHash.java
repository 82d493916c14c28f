package dev.portcullis.management.account;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/// What is kept of a password: PBKDF2 with HMAC-SHA-256.
///
/// @param iterations how much work it is to try one
/// @param salt hexadecimal
/// @param hash hexadecimal
record PasswordHash(int iterations, String salt, String hash) {
  /// Compared with when there is no such account, so that its absence takes as long.
  static final PasswordHash NOBODY = of("");

  private static final int ITERATIONS = 210_000;
  private static final int MOST_ITERATIONS = 10_000_000;
  private static final int SALT_BYTES = 16;
  private static final int HASH_BITS = 256;

  PasswordHash {
    if (iterations < 1 || iterations > MOST_ITERATIONS) {
      throw new IllegalArgumentException(iterations + " iterations");
    }
    HexFormat.of().parseHex(salt);
    HexFormat.of().parseHex(hash);
  }

  static PasswordHash of(String password) {
    byte[] salt = new byte[SALT_BYTES];
    new SecureRandom().nextBytes(salt);
    return new PasswordHash(
        ITERATIONS,
        HexFormat.of().formatHex(salt),
        HexFormat.of().formatHex(derive(password, salt, ITERATIONS)));
  }

  /// Whether `password` is the one; takes as long whether it is or not.
  boolean matches(String password) {
    byte[] derived = derive(password, HexFormat.of().parseHex(salt), iterations);
    return MessageDigest.isEqual(derived, HexFormat.of().parseHex(hash));
  }

  private static byte[] derive(String password, byte[] salt, int iterations) {
    PBEKeySpec spec = new PBEKeySpec(password.toCharArray(), salt, iterations, HASH_BITS);
    try {
      return SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256").generateSecret(spec).getEncoded();
    } catch (GeneralSecurityException e) {
      throw new AssertionError("every JDK has PBKDF2", e);
    } finally {
      spec.clearPassword();
    }
  }
}
