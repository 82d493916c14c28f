package dev.portcullis.devices.block;

import java.io.IOException;
import java.nio.ByteBuffer;

/// What keeps the bytes of a disk. Offsets and lengths are in bytes and inside [#sizeBytes()]; the
/// disk checks them. Safe for use by several threads; what overlapping writes leave behind is
/// either's, byte by byte.
public interface BlockBackend extends AutoCloseable {

  /// Capacity in bytes; never changes.
  long sizeBytes();

  /// Whether the bytes stay as they are. The disk then asks for no change.
  default boolean isReadOnly() {
    return false;
  }

  /// Fills `to`, from its position to its limit, with what is at `offset`.
  void read(long offset, ByteBuffer to) throws IOException;

  /// Writes `from`, from its position to its limit, at `offset`. It may be lost with the host's
  /// power until [#flush()].
  void write(long offset, ByteBuffer from) throws IOException;

  /// Makes `lengthBytes` bytes at `offset` read as zeroes.
  void writeZeroes(long offset, long lengthBytes) throws IOException;

  /// Software no longer needs these bytes.
  ///
  /// @see #deallocatedBytes()
  void deallocate(long offset, long lengthBytes) throws IOException;

  /// What bytes hold that were deallocated.
  Deallocated deallocatedBytes();

  /// Returns when all that was written is safe from the loss of the host's power.
  void flush() throws IOException;

  @Override
  void close() throws IOException;

  /// What bytes hold after [#deallocate].
  enum Deallocated {
    /// What they held before: to deallocate does nothing.
    KEPT,
    ZEROES
  }
}
