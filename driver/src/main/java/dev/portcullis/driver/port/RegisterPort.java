package dev.portcullis.driver.port;

/// The register window of one unit. Offsets count bytes from its base and are multiples of the
/// access's width.
///
/// Accesses happen in the order of the calls, after every write to [TableMemory] before them.
///
/// @vtd 11.2 Software Access to Registers
public interface RegisterPort {

  int read32(int offset) throws DriverException;

  /// A port that has only doublewords reads the low one first.
  long read64(int offset) throws DriverException;

  void write32(int offset, int value) throws DriverException;

  /// A port that has only doublewords writes the low one first: commands start with the high one.
  void write64(int offset, long value) throws DriverException;
}
