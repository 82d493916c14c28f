package dev.portcullis.management.boot;

import dev.portcullis.devices.block.BlockBackend;
import java.io.IOException;
import java.nio.ByteBuffer;

/// A disk that fails from some block on.
public final class FailingDisk implements BlockBackend {
  private static final int BLOCK_BYTES = 4096;

  private final BlockBackend disk;
  private final Failing failing;
  private final long block;

  /// What fails.
  public enum Failing {
    READS,
    WRITES,
    FLUSHES
  }

  /// @param block the first one that cannot be read or written
  public FailingDisk(BlockBackend disk, Failing failing, long block) {
    this.disk = disk;
    this.failing = failing;
    this.block = block;
  }

  private void demand(Failing kind, long end) throws IOException {
    if (kind == failing && end > block * BLOCK_BYTES) {
      throw new IOException("injected");
    }
  }

  @Override
  public long sizeBytes() {
    return disk.sizeBytes();
  }

  @Override
  public boolean isReadOnly() {
    return false;
  }

  @Override
  public void read(long offset, ByteBuffer to) throws IOException {
    demand(Failing.READS, offset + to.remaining());
    disk.read(offset, to);
  }

  /// What comes before the block that fails is written.
  @Override
  public void write(long offset, ByteBuffer from) throws IOException {
    long left = failing == Failing.WRITES ? block * BLOCK_BYTES - offset : Long.MAX_VALUE;
    if (left < from.remaining()) {
      if (left > 0) {
        disk.write(offset, from.slice(from.position(), (int) left));
      }
      throw new IOException("injected");
    }
    disk.write(offset, from);
  }

  @Override
  public void writeZeroes(long offset, long lengthBytes) throws IOException {
    demand(Failing.WRITES, offset + lengthBytes);
    disk.writeZeroes(offset, lengthBytes);
  }

  @Override
  public void deallocate(long offset, long lengthBytes) throws IOException {
    demand(Failing.WRITES, offset + lengthBytes);
    disk.deallocate(offset, lengthBytes);
  }

  @Override
  public Deallocated deallocatedBytes() {
    return disk.deallocatedBytes();
  }

  @Override
  public void flush() throws IOException {
    if (failing == Failing.FLUSHES) {
      throw new IOException("injected");
    }
    disk.flush();
  }

  @Override
  public void close() throws IOException {
    disk.close();
  }
}
