package dev.portcullis.guest.port;

import java.lang.foreign.MemorySegment;

/// What the processors of a partition can do. Addresses are guest physical ones: memory, and the
/// windows of devices where the software itself has put them. Safe for use by several threads.
public interface Processor {

  /// Reads `bytes` bytes of memory at `gpa`; no order among them.
  ///
  /// @throws MachineCheckException if there is nothing, or not all of it is memory
  void read(long gpa, MemorySegment to, long toOffset, long bytes);

  /// Writes `bytes` bytes of memory at `gpa`; no order among them.
  ///
  /// @throws MachineCheckException if there is nothing, or not all of it is writable memory
  void write(long gpa, MemorySegment from, long fromOffset, long bytes);

  /// Reads `widthBytes` (1, 2, 4 or 8) bytes at `gpa`, a multiple of it, of memory or a window. No
  /// later access comes before it.
  ///
  /// @throws MachineCheckException if there is nothing
  long load(long gpa, int widthBytes);

  /// Writes `widthBytes` (1, 2, 4 or 8) bytes at `gpa`, a multiple of it, of memory or a window. It
  /// comes after every earlier access.
  ///
  /// @throws MachineCheckException if there is nothing, or it cannot be written
  void store(long gpa, int widthBytes, long value);

  /// Reads `widthBytes` (1, 2 or 4) bytes of configuration space.
  ///
  /// @param function bus in bits 15 to 8, device in 7 to 3, function in 2 to 0
  /// @return all ones if there is no such function
  long readConfig(int function, int offset, int widthBytes);

  /// Writes `widthBytes` (1, 2 or 4) bytes of configuration space; nothing if there is no such
  /// function.
  ///
  /// @param function bus in bits 15 to 8, device in 7 to 3, function in 2 to 0
  void writeConfig(int function, int offset, int widthBytes, long value);
}
