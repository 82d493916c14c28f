package dev.portcullis.devices.block;

import java.nio.ByteBuffer;

/// A disk that takes everything, keeps nothing and reads what the buffer held: for measuring what
/// is in front of it.
///
/// @param sizeBytes capacity it claims
public record NullBackend(long sizeBytes) implements BlockBackend {
  @Override
  public void read(long offset, ByteBuffer to) {
    to.position(to.limit());
  }

  @Override
  public void write(long offset, ByteBuffer from) {
    from.position(from.limit());
  }

  @Override
  public void writeZeroes(long offset, long lengthBytes) {}

  @Override
  public void deallocate(long offset, long lengthBytes) {}

  @Override
  public Deallocated deallocatedBytes() {
    return Deallocated.KEPT;
  }

  @Override
  public void flush() {}

  @Override
  public void close() {}
}
