package dev.portcullis.qtest.server;

import java.util.Optional;

/// A machine without a processor, as the protocol drives it. Calls come one at a time; no value of
/// a parameter makes one throw.
///
/// Addresses are physical, unsigned; a range of bytes does not pass the end of the address space.
/// Where nobody answers, memory reads as zeroes and ports as ones, and writes are dropped, as in
/// QEMU.
public interface QtestMachine {

  /// Reads bytes, in the widest accesses that fit where they are no memory.
  void read(long address, byte[] into);

  /// Writes bytes.
  void write(long address, byte[] from);

  /// Writes `value` to each of `lengthBytes` bytes.
  void fill(long address, long lengthBytes, byte value);

  /// One access of `widthBytes`: 1, 2, 4 or 8.
  long read(long address, int widthBytes);

  /// One access of `widthBytes`: 1, 2, 4 or 8.
  void write(long address, int widthBytes, long value);

  /// One access of `widthBytes`, 1, 2 or 4, to a port of 16 bits.
  long in(int port, int widthBytes);

  /// One access of `widthBytes`, 1, 2 or 4, to a port of 16 bits.
  void out(int port, int widthBytes, long value);

  /// The clock that only the peer moves.
  VirtualTime time();

  /// The interrupt inputs of the device called `path`.
  Optional<InterruptInputs> inputs(String path);
}
