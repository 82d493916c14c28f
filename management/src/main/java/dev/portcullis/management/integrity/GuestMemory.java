package dev.portcullis.management.integrity;

/// A partition's memory, as somebody outside reads it.
@FunctionalInterface
interface GuestMemory {
  /// Reads `length` bytes at guest physical address `gpa` into the beginning of `to`.
  ///
  /// @return whether there is memory
  boolean read(long gpa, byte[] to, int length);
}
