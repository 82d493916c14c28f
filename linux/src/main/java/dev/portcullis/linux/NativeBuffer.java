package dev.portcullis.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Memory that system calls read and write. It is freed only when nothing refers to it any more, so
/// no call can be left with a dangling address.
public final class NativeBuffer {
  private final MemorySegment bytes;

  private NativeBuffer(MemorySegment bytes) {
    this.bytes = bytes;
  }

  /// A buffer of `sizeBytes` zeroes.
  public static NativeBuffer allocate(long sizeBytes) {
    return new NativeBuffer(Arena.ofAuto().allocate(sizeBytes, 64));
  }

  /// The bytes, for any thread.
  public MemorySegment bytes() {
    return bytes;
  }

  /// The address of byte `offset`, after checking that `lengthBytes` bytes from there are inside.
  long address(long offset, long lengthBytes) {
    return bytes.asSlice(offset, lengthBytes).address();
  }
}
