package dev.portcullis.guest.block;

import java.lang.foreign.MemorySegment;

/// A disk. Safe for use by several threads.
public interface BlockDevice {

  /// Length of a block in bytes.
  int blockBytes();

  /// How many blocks there are.
  long blocks();

  /// Reads whole blocks from `block` on.
  ///
  /// @throws DiskException if the disk refuses, or breaks
  void read(long block, MemorySegment to, long toOffset, long bytes)
      throws DiskException, InterruptedException;

  /// Writes whole blocks from `block` on. They may be lost until [#flush] returns.
  ///
  /// @throws DiskException if the disk refuses, or breaks
  void write(long block, MemorySegment from, long fromOffset, long bytes)
      throws DiskException, InterruptedException;

  /// Whatever was written before stays.
  ///
  /// @throws DiskException if the disk refuses, or breaks
  void flush() throws DiskException, InterruptedException;
}
