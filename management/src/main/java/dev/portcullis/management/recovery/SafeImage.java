package dev.portcullis.management.recovery;

import dev.portcullis.management.boot.verity.BlockSource;
import dev.portcullis.management.boot.verity.HashTree;
import dev.portcullis.management.boot.verity.Verity;
import dev.portcullis.vmm.platform.boot.BootDisk;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/// An image that is what its manifest says, and the disk that it belongs on.
final class SafeImage implements Closeable {
  private static final int STEP_BYTES = BlockSource.STEP_BLOCKS * Verity.BLOCK_BYTES;

  private final BootDisk disk;
  private final Path file;
  private final FileChannel channel;
  private final HashTree tree;

  private SafeImage(BootDisk disk, Path file, FileChannel channel, HashTree tree) {
    this.disk = disk;
    this.file = file;
    this.channel = channel;
    this.tree = tree;
  }

  /// Opens an image, and looks at all of it.
  ///
  /// @throws RecoveryException if it is not what it should be
  static SafeImage open(BootDisk disk, Path file, Verity wanted) throws RecoveryException {
    try {
      FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
      try {
        return new SafeImage(disk, file, channel, tree(file, channel, wanted));
      } catch (IOException | RecoveryException e) {
        channel.close();
        throw e;
      }
    } catch (NoSuchFileException e) {
      throw new RecoveryException("there is no safe image " + file, e);
    } catch (IOException e) {
      throw new RecoveryException("the safe image " + file + ": " + e.getMessage(), e);
    }
  }

  private static HashTree tree(Path file, FileChannel channel, Verity wanted)
      throws IOException, RecoveryException {
    if (channel.size() < wanted.blocks() * Verity.BLOCK_BYTES) {
      throw new RecoveryException(
          "the safe image %s has less than %,d blocks".formatted(file, wanted.blocks()));
    }
    HashTree tree = HashTree.over(BlockSource.of(channel), wanted.blocks(), wanted.saltBytes());
    if (!tree.verity().equals(wanted)) {
      throw new RecoveryException(
          "the safe image %s is not what the manifest says".formatted(file));
    }
    return tree;
  }

  /// The disk.
  BootDisk disk() {
    return disk;
  }

  /// How many bytes of the disk it fills, from the first one on.
  long bytes() {
    return tree.verity().blocks() * Verity.BLOCK_BYTES;
  }

  /// Writes a part of it to the disk, each block checked before. Blocks that are there already are
  /// left alone.
  ///
  /// @param from a multiple of 4 KiB
  /// @return where to go on
  long write(long from) throws IOException, RecoveryException {
    int length = (int) Math.min(STEP_BYTES, bytes() - from);
    byte[] wanted = new byte[length];
    BlockSource.of(channel).read(from, ByteBuffer.wrap(wanted));
    for (int at = 0; at < length; at += Verity.BLOCK_BYTES) {
      if (!tree.isBlock((from + at) / Verity.BLOCK_BYTES, wanted, at)) {
        throw new RecoveryException("the safe image " + file + " has changed meanwhile");
      }
    }
    if (!Arrays.equals(wanted, present(from, length))) {
      disk.blocks().write(from, ByteBuffer.wrap(wanted));
    }
    return from + length;
  }

  /// What the disk has there; nothing if it cannot be read, which writing may heal.
  private byte[] present(long from, int length) {
    byte[] bytes = new byte[length];
    try {
      disk.blocks().read(from, ByteBuffer.wrap(bytes));
      return bytes;
    } catch (IOException unreadable) {
      return new byte[0];
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
