package dev.portcullis.devices.testdev;

import java.lang.foreign.MemorySegment;

/// Physical memory past the remapping unit: how the test device looks where its DMA went.
@FunctionalInterface
public interface PhysicalReads {
  /// Copies `lengthBytes` bytes at `hpa` to `to`.
  ///
  /// @return whether there is memory
  boolean read(long hpa, MemorySegment to, long toOffset, long lengthBytes);
}
