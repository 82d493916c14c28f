package dev.portcullis.devices.nvme;

import dev.portcullis.devices.block.BlockBackend;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;

/// A disk in memory that can be looked into, counts flushes, and fails on demand.
final class FlakyBackend implements BlockBackend {
  private final MemorySegment bytes;
  private final AtomicInteger flushes = new AtomicInteger();
  private volatile boolean failing;
  private volatile boolean readOnly;

  FlakyBackend(long sizeBytes) {
    bytes = Arena.ofAuto().allocate(sizeBytes);
  }

  MemorySegment bytes() {
    return bytes;
  }

  int flushes() {
    return flushes.get();
  }

  /// From now on every operation fails.
  void fail() {
    failing = true;
  }

  /// From now on it says that its bytes stay as they are.
  void protect() {
    readOnly = true;
  }

  @Override
  public boolean isReadOnly() {
    return readOnly;
  }

  private void work() throws IOException {
    if (failing) {
      throw new IOException("told to fail");
    }
  }

  @Override
  public long sizeBytes() {
    return bytes.byteSize();
  }

  @Override
  public void read(long offset, ByteBuffer to) throws IOException {
    work();
    to.put(bytes.asSlice(offset, to.remaining()).asByteBuffer());
  }

  @Override
  public void write(long offset, ByteBuffer from) throws IOException {
    work();
    bytes.asSlice(offset, from.remaining()).asByteBuffer().put(from);
  }

  @Override
  public void writeZeroes(long offset, long lengthBytes) throws IOException {
    work();
    bytes.asSlice(offset, lengthBytes).fill((byte) 0);
  }

  @Override
  public void deallocate(long offset, long lengthBytes) throws IOException {
    writeZeroes(offset, lengthBytes);
  }

  @Override
  public Deallocated deallocatedBytes() {
    return Deallocated.ZEROES;
  }

  @Override
  public void flush() throws IOException {
    work();
    flushes.incrementAndGet();
  }

  @Override
  public void close() {}
}
