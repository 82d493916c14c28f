package dev.portcullis.driver.port;

/// Physical memory as the processor sees it: where the driver keeps tables and queues. Words are
/// little-endian; addresses are host physical and multiples of the word's size.
public interface TableMemory {

  /// Reads 64 bits in one access; later reads do not overtake it.
  long readLong(long hpa) throws DriverException;

  /// Writes 64 bits in one access, after every write before it.
  void writeLong(long hpa, long value) throws DriverException;

  /// Replaces 64 bits if they are `expected`, in one access.
  ///
  /// @return whether they were
  boolean compareAndSet(long hpa, long expected, long value) throws DriverException;

  /// Writes 128 bits in one access.
  ///
  /// @param hpa a multiple of 16
  /// @return `false`, and nothing is written, if this memory cannot; the driver then makes the
  ///   entry not present for a moment
  default boolean writePair(long hpa, long lo, long hi) throws DriverException {
    return false;
  }

  /// Sets every byte of a range to `value`.
  void fill(long hpa, long lengthBytes, byte value) throws DriverException;

  /// Writes cache lines of a range back to memory, for a unit that does not snoop. Called for such
  /// units only.
  default void flush(long hpa, long lengthBytes) throws DriverException {}
}
