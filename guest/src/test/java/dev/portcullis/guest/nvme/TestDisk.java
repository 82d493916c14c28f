package dev.portcullis.guest.nvme;

import dev.portcullis.devices.block.BlockBackend;
import dev.portcullis.devices.block.RamBackend;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;

/// A disk in memory that fails on demand.
final class TestDisk implements BlockBackend {
  private final RamBackend memory;
  private final AtomicInteger flushes = new AtomicInteger();
  private volatile boolean failing;

  TestDisk(long sizeBytes) {
    memory = new RamBackend(sizeBytes);
  }

  void fail(boolean fails) {
    failing = fails;
  }

  int flushes() {
    return flushes.get();
  }

  byte[] contents() {
    ByteBuffer all = ByteBuffer.allocate((int) sizeBytes());
    memory.read(0, all);
    return all.array();
  }

  private void work() throws IOException {
    if (failing) {
      throw new IOException("told to fail");
    }
  }

  @Override
  public long sizeBytes() {
    return memory.sizeBytes();
  }

  @Override
  public void read(long offset, ByteBuffer to) throws IOException {
    work();
    memory.read(offset, to);
  }

  @Override
  public void write(long offset, ByteBuffer from) throws IOException {
    work();
    memory.write(offset, from);
  }

  @Override
  public void writeZeroes(long offset, long lengthBytes) throws IOException {
    work();
    memory.writeZeroes(offset, lengthBytes);
  }

  @Override
  public void deallocate(long offset, long lengthBytes) throws IOException {
    work();
    memory.deallocate(offset, lengthBytes);
  }

  @Override
  public Deallocated deallocatedBytes() {
    return memory.deallocatedBytes();
  }

  @Override
  public void flush() throws IOException {
    work();
    flushes.incrementAndGet();
  }

  @Override
  public void close() {}
}
