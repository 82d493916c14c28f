package dev.portcullis.management.boot.verity;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/// Hashes blocks: SHA-256 of the salt and the block. For one thread.
final class BlockHash {
  private static final byte[] ZEROES = new byte[Verity.BLOCK_BYTES];

  private final byte[] salt;
  private final MessageDigest sha256;
  private final byte[] ofZeroes;

  BlockHash(byte[] salt) {
    this.salt = salt.clone();
    try {
      this.sha256 = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
    this.ofZeroes = hash(ZEROES, 0);
  }

  /// The hash of the block at `offset`. Disks are empty for the most part, whose blocks need no
  /// computation.
  byte[] of(byte[] bytes, int offset) {
    boolean isEmpty =
        Arrays.equals(bytes, offset, offset + Verity.BLOCK_BYTES, ZEROES, 0, Verity.BLOCK_BYTES);
    return isEmpty ? ofZeroes.clone() : hash(bytes, offset);
  }

  private byte[] hash(byte[] bytes, int offset) {
    sha256.update(salt);
    sha256.update(bytes, offset, Verity.BLOCK_BYTES);
    return sha256.digest();
  }
}
