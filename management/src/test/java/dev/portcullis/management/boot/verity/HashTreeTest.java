package dev.portcullis.management.boot.verity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.portcullis.devices.block.RamBackend;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HashTreeTest {
  private static final byte[] SALT = {1, 2, 3, 4, 5};

  private static RamBackend disk(int blocks) {
    RamBackend disk = new RamBackend((long) blocks * Verity.BLOCK_BYTES);
    byte[] bytes = new byte[blocks * Verity.BLOCK_BYTES];
    new Random(blocks).nextBytes(bytes);
    // Empty blocks go another way.
    Arrays.fill(bytes, 0, Verity.BLOCK_BYTES * (blocks / 2), (byte) 0);
    disk.write(0, ByteBuffer.wrap(bytes));
    return disk;
  }

  private static byte[] sha256(byte[]... parts) throws Exception {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    for (byte[] part : parts) {
      digest.update(part);
    }
    return digest.digest();
  }

  @Test
  void rootOfTwoBlocksIsThatOfTheirHashes() throws Exception {
    RamBackend disk = disk(2);
    byte[] data = new byte[2 * Verity.BLOCK_BYTES];
    disk.read(0, ByteBuffer.wrap(data));
    byte[] hashes = new byte[Verity.BLOCK_BYTES];
    System.arraycopy(sha256(SALT, Arrays.copyOf(data, Verity.BLOCK_BYTES)), 0, hashes, 0, 32);
    byte[] second = Arrays.copyOfRange(data, Verity.BLOCK_BYTES, data.length);
    System.arraycopy(sha256(SALT, second), 0, hashes, 32, 32);

    assertThat(HashTree.over(BlockSource.of(disk), 2, SALT).verity())
        .isEqualTo(new Verity(2, "0102030405", HexFormat.of().formatHex(sha256(SALT, hashes))));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 127, 128, 129, 255, 256, 257, 1000, 128 * 128, 128 * 128 + 1})
  void rootIsTheSameWithoutATree(int blocks) throws Exception {
    RamBackend disk = disk(blocks);
    Verity tree = HashTree.over(BlockSource.of(disk), blocks, SALT).verity();

    assertThat(HashTree.root(BlockSource.of(disk), tree)).isEqualTo(tree.root());
  }

  @Test
  void everyFlippedBitChangesTheRootAndItsBlockAlone() throws Exception {
    int blocks = 300;
    RamBackend disk = disk(blocks);
    HashTree tree = HashTree.over(BlockSource.of(disk), blocks, SALT);
    Random random = new Random(7);
    for (int i = 0; i < 200; i++) {
      int at = random.nextInt(blocks * Verity.BLOCK_BYTES);
      ByteBuffer one = ByteBuffer.allocate(1);
      disk.read(at, one);
      byte before = one.get(0);
      byte after = (byte) (before ^ 1 << random.nextInt(8));
      disk.write(at, ByteBuffer.wrap(new byte[] {after}));

      assertThat(HashTree.root(BlockSource.of(disk), tree.verity()))
          .as("byte %d", at)
          .isNotEqualTo(tree.verity().root());
      byte[] block = new byte[Verity.BLOCK_BYTES];
      int number = at / Verity.BLOCK_BYTES;
      disk.read((long) number * Verity.BLOCK_BYTES, ByteBuffer.wrap(block));
      assertThat(tree.isBlock(number, block, 0)).isFalse();

      disk.write(at, ByteBuffer.wrap(new byte[] {before}));
    }
    BlockSource.of(disk)
        .forEach(
            blocks,
            (number, bytes, offset) -> assertThat(tree.isBlock(number, bytes, offset)).isTrue());
  }

  @Test
  void saltAndNumberOfBlocksCount() throws Exception {
    RamBackend disk = disk(200);
    Verity tree = HashTree.over(BlockSource.of(disk), 200, SALT).verity();

    assertThat(HashTree.over(BlockSource.of(disk), 199, SALT).verity().root())
        .isNotEqualTo(tree.root());
    assertThat(HashTree.over(BlockSource.of(disk), 200, new byte[0]).verity().root())
        .isNotEqualTo(tree.root());
  }

  @Test
  void hashDeviceHasASuperblockAndTheHighestLevelFirst() throws Exception {
    HashTree tree = HashTree.over(BlockSource.of(disk(129)), 129, SALT);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    tree.writeTo(out);
    byte[] bytes = out.toByteArray();

    assertThat(bytes).hasSize(4 * Verity.BLOCK_BYTES);
    assertThat(new String(bytes, 0, 6, java.nio.charset.StandardCharsets.US_ASCII))
        .isEqualTo("verity");
    byte[] top = Arrays.copyOfRange(bytes, Verity.BLOCK_BYTES, 2 * Verity.BLOCK_BYTES);
    assertThat(HexFormat.of().formatHex(sha256(SALT, top))).isEqualTo(tree.verity().root());
  }

  @Test
  void sizesHaveBounds() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> HashTree.over((offset, to) -> {}, Verity.MOST_BLOCKS + 1, SALT));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> HashTree.over((offset, to) -> {}, 0, SALT));
    assertThatIllegalArgumentException().isThrownBy(() -> new Verity(1, "00".repeat(257), ""));
    assertThatIllegalArgumentException().isThrownBy(() -> new Verity(1, "", "00"));
  }
}
