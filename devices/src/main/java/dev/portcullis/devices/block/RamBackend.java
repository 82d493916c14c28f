package dev.portcullis.devices.block;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/// A disk that forgets everything when it is closed.
public final class RamBackend implements BlockBackend {
  private final MemorySegment bytes;

  public RamBackend(long sizeBytes) {
    bytes = Arena.ofAuto().allocate(sizeBytes, 64);
  }

  @Override
  public long sizeBytes() {
    return bytes.byteSize();
  }

  @Override
  public void read(long offset, ByteBuffer to) {
    MemorySegment target = MemorySegment.ofBuffer(to);
    MemorySegment.copy(bytes, offset, target, 0, target.byteSize());
    to.position(to.limit());
  }

  @Override
  public void write(long offset, ByteBuffer from) {
    MemorySegment source = MemorySegment.ofBuffer(from);
    MemorySegment.copy(source, 0, bytes, offset, source.byteSize());
    from.position(from.limit());
  }

  @Override
  public void writeZeroes(long offset, long lengthBytes) {
    bytes.asSlice(offset, lengthBytes).fill((byte) 0);
  }

  @Override
  public void deallocate(long offset, long lengthBytes) {
    writeZeroes(offset, lengthBytes);
  }

  @Override
  public Deallocated deallocatedBytes() {
    return Deallocated.ZEROES;
  }

  @Override
  public void flush() {}

  @Override
  public void close() {}
}
