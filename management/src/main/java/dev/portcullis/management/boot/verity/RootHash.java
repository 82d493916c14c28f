package dev.portcullis.management.boot.verity;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Computes the root of a tree from the blocks of data in their order, keeping no more of the tree
/// than one block for each level.
///
/// ```
///   data blocks   0 … 127   128 … 255   256
///                   │           │        │        each hash is of the salt and a block
///   level 0      [ 128 hashes ][ 128   ][ 1, zeroes ]
///                      │           │       │
///   level 1      [     3 hashes, zeroes       ]
///                             │
///                            root
/// ```
final class RootHash {
  private final BlockHash hash;
  private final List<Level> levels = new ArrayList<>();

  private static final class Level {
    private final byte[] block = new byte[Verity.BLOCK_BYTES];
    private int filledBytes;
    private long hashes;
  }

  RootHash(byte[] salt) {
    this.hash = new BlockHash(salt);
  }

  /// The root of the first `blocks` blocks of `source`.
  static byte[] of(BlockSource source, long blocks, byte[] salt) throws IOException {
    RootHash root = new RootHash(salt);
    source.forEach(blocks, (number, bytes, offset) -> root.add(bytes, offset));
    return root.end();
  }

  /// Adds the next block of data.
  void add(byte[] bytes, int offset) {
    add(0, hash.of(bytes, offset));
  }

  private void add(int number, byte[] digest) {
    if (number == levels.size()) {
      levels.add(new Level());
    }
    Level level = levels.get(number);
    System.arraycopy(digest, 0, level.block, level.filledBytes, digest.length);
    level.filledBytes += digest.length;
    level.hashes++;
    if (level.filledBytes == Verity.BLOCK_BYTES) {
      flush(number);
    }
  }

  private void flush(int number) {
    Level level = levels.get(number);
    Arrays.fill(level.block, level.filledBytes, Verity.BLOCK_BYTES, (byte) 0);
    level.filledBytes = 0;
    add(number + 1, hash.of(level.block, 0));
  }

  /// The root, when there was at least one block. Nothing is added any more.
  byte[] end() {
    int number = 0;
    while (levels.get(number).hashes > 1) {
      if (levels.get(number).filledBytes > 0) {
        flush(number);
      }
      number++;
    }
    return Arrays.copyOf(levels.get(number).block, Verity.HASH_BYTES);
  }
}
