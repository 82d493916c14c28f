package dev.portcullis.management.boot.verity;

import dev.portcullis.devices.block.BlockBackend;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/// Where blocks of 4 KiB come from.
@FunctionalInterface
public interface BlockSource {
  /// How many blocks are read at once: 1 MiB.
  int STEP_BLOCKS = 256;

  /// Fills `to` from byte `offset` on.
  ///
  /// @throws IOException if it cannot be filled
  void read(long offset, ByteBuffer to) throws IOException;

  /// A disk.
  static BlockSource of(BlockBackend disk) {
    return disk::read;
  }

  /// A file, which must be at least as long as what is read; threads that read must not be
  /// interrupted.
  static BlockSource of(FileChannel file) {
    return (offset, to) -> {
      long at = offset;
      while (to.hasRemaining()) {
        int count = file.read(to, at);
        if (count < 0) {
          throw new EOFException("the file ends at " + at);
        }
        at += count;
      }
    };
  }

  /// Takes blocks in their order.
  interface Taker {
    /// @param number of the block
    /// @param bytes has it at `offset`; used again when this returns
    void take(long number, byte[] bytes, int offset) throws IOException;
  }

  /// Has `taker` take the first `blocks` blocks.
  default void forEach(long blocks, Taker taker) throws IOException {
    byte[] bytes = new byte[STEP_BLOCKS * Verity.BLOCK_BYTES];
    long done = 0;
    while (done < blocks) {
      int step = (int) Math.min(STEP_BLOCKS, blocks - done);
      read(done * Verity.BLOCK_BYTES, ByteBuffer.wrap(bytes, 0, step * Verity.BLOCK_BYTES));
      for (int i = 0; i < step; i++) {
        taker.take(done + i, bytes, i * Verity.BLOCK_BYTES);
      }
      done += step;
    }
  }
}
