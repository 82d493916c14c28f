package dev.portcullis.management.boot.verity;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;

/// All hashes over the blocks of a disk: each block can be checked by itself.
///
/// Written to a file it is a hash device of dm-verity: a superblock, then the levels, the highest
/// first.
public final class HashTree {
  private static final byte[] SIGNATURE = {'v', 'e', 'r', 'i', 't', 'y', 0, 0};
  private static final int SUPERBLOCK_SALT = 88;

  private final Verity verity;
  private final BlockHash hash;
  private final List<byte[]> levels;

  private HashTree(Verity verity, List<byte[]> levels) {
    this.verity = verity;
    this.hash = new BlockHash(verity.saltBytes());
    this.levels = levels;
  }

  /// The tree over the first `blocks` blocks of `source`.
  ///
  /// @throws IllegalArgumentException if there are too many blocks, or none
  public static HashTree over(BlockSource source, long blocks, byte[] salt) throws IOException {
    if (blocks < 1 || blocks > Verity.MOST_BLOCKS) {
      throw new IllegalArgumentException(
          "%,d blocks: 1 to %,d are possible".formatted(blocks, Verity.MOST_BLOCKS));
    }
    BlockHash hash = new BlockHash(salt);
    List<byte[]> levels = new ArrayList<>();
    byte[] lowest = new byte[Math.toIntExact(wholeBlocks(blocks * Verity.HASH_BYTES))];
    source.forEach(
        blocks,
        (number, bytes, offset) ->
            System.arraycopy(
                hash.of(bytes, offset),
                0,
                lowest,
                (int) number * Verity.HASH_BYTES,
                Verity.HASH_BYTES));
    levels.add(lowest);
    while (levels.getLast().length > Verity.BLOCK_BYTES) {
      levels.add(above(levels.getLast(), hash));
    }
    byte[] root =
        blocks == 1 ? Arrays.copyOf(lowest, Verity.HASH_BYTES) : hash.of(levels.getLast(), 0);
    String salted = HexFormat.of().formatHex(salt);
    return new HashTree(new Verity(blocks, salted, HexFormat.of().formatHex(root)), levels);
  }

  private static byte[] above(byte[] level, BlockHash hash) {
    int blocks = level.length / Verity.BLOCK_BYTES;
    byte[] above = new byte[Math.toIntExact(wholeBlocks((long) blocks * Verity.HASH_BYTES))];
    for (int i = 0; i < blocks; i++) {
      byte[] one = hash.of(level, i * Verity.BLOCK_BYTES);
      System.arraycopy(one, 0, above, i * Verity.HASH_BYTES, one.length);
    }
    return above;
  }

  private static long wholeBlocks(long bytes) {
    return bytes + Verity.BLOCK_BYTES - 1 & -Verity.BLOCK_BYTES;
  }

  /// The root of the first blocks of `source`, as `wanted` counts and salts them.
  ///
  /// @return in lower-case hexadecimal
  public static String root(BlockSource source, Verity wanted) throws IOException {
    return HexFormat.of().formatHex(RootHash.of(source, wanted.blocks(), wanted.saltBytes()));
  }

  /// What it is.
  public Verity verity() {
    return verity;
  }

  /// Whether the block at `offset` of `bytes` is data block `number`. For one thread at a time.
  public boolean isBlock(long number, byte[] bytes, int offset) {
    byte[] one = hash.of(bytes, offset);
    int at = (int) number * Verity.HASH_BYTES;
    return Arrays.equals(one, 0, one.length, levels.getFirst(), at, at + Verity.HASH_BYTES);
  }

  /// Writes it as a hash device.
  public void writeTo(OutputStream out) throws IOException {
    byte[] salt = verity.saltBytes();
    ByteBuffer superblock = ByteBuffer.allocate(Verity.BLOCK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    superblock.put(SIGNATURE).putInt(1).putInt(1);
    UUID uuid = UUID.nameUUIDFromBytes(verity.toString().getBytes(StandardCharsets.UTF_8));
    superblock.order(ByteOrder.BIG_ENDIAN);
    superblock.putLong(uuid.getMostSignificantBits()).putLong(uuid.getLeastSignificantBits());
    superblock.order(ByteOrder.LITTLE_ENDIAN);
    superblock.put(Arrays.copyOf("sha256".getBytes(StandardCharsets.US_ASCII), 32));
    superblock.putInt(Verity.BLOCK_BYTES).putInt(Verity.BLOCK_BYTES);
    superblock.putLong(verity.blocks()).putShort((short) salt.length);
    superblock.position(SUPERBLOCK_SALT).put(salt);
    out.write(superblock.array());
    if (verity.blocks() > 1) {
      for (byte[] level : levels.reversed()) {
        out.write(level);
      }
    }
  }
}
