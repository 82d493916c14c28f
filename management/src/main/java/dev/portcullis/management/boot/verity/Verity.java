package dev.portcullis.management.boot.verity;

import java.util.HexFormat;

/// What a tree of hashes is said to be: SHA-256 over blocks of 4 KiB, hash type 1 of dm-verity.
///
/// @param blocks how many blocks of data there are, from the first one of the disk on
/// @param salt in lower-case hexadecimal; up to 256 bytes
/// @param root the tree's root hash, in lower-case hexadecimal
public record Verity(long blocks, String salt, String root) {
  /// Of data, and of hashes.
  public static final int BLOCK_BYTES = 4096;

  /// Of one hash.
  public static final int HASH_BYTES = 32;

  /// 16 GiB: hashes of their blocks fit into memory.
  public static final long MOST_BLOCKS = 1L << 22;

  private static final int MOST_SALT_BYTES = 256;

  /// @throws IllegalArgumentException if it cannot be
  public Verity {
    if (blocks < 1 || blocks > MOST_BLOCKS) {
      throw new IllegalArgumentException(
          "%,d blocks: 1 to %,d are possible".formatted(blocks, MOST_BLOCKS));
    }
    if (HexFormat.of().parseHex(salt).length > MOST_SALT_BYTES) {
      throw new IllegalArgumentException("a salt has up to 256 bytes");
    }
    if (HexFormat.of().parseHex(root).length != HASH_BYTES) {
      throw new IllegalArgumentException("a root hash has 32 bytes, 64 hexadecimal digits");
    }
    salt = salt.toLowerCase(java.util.Locale.ROOT);
    root = root.toLowerCase(java.util.Locale.ROOT);
  }

  /// The salt's bytes.
  public byte[] saltBytes() {
    return HexFormat.of().parseHex(salt);
  }

  /// As a line of text that says all of it.
  @Override
  public String toString() {
    return "dm-verity 1 sha256 %d %d %d blocks, salt %s, root %s"
        .formatted(BLOCK_BYTES, BLOCK_BYTES, blocks, salt.isEmpty() ? "-" : salt, root);
  }
}
