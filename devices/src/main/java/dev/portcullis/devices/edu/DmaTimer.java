package dev.portcullis.devices.edu;

/// The clock that the DMA engine goes by.
@FunctionalInterface
public interface DmaTimer {
  /// Runs `job` when `nanos` have passed.
  void after(long nanos, Runnable job);
}
