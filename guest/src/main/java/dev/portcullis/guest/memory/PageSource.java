package dev.portcullis.guest.memory;

/// Where drivers have memory from that their devices reach, too. Safe for use by several threads.
public interface PageSource {

  /// Takes pages that hold at least `bytes` bytes.
  ///
  /// @return address of the first, for the processor and for the device
  long allocate(long bytes) throws OutOfMemoryException;

  /// Gives pages back.
  ///
  /// @param address what [#allocate] returned
  /// @param bytes what it was asked for
  void free(long address, long bytes);
}
