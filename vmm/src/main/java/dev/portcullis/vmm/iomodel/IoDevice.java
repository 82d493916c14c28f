package dev.portcullis.vmm.iomodel;

/// What kind of device does the work.
public enum IoDevice {
  /// Operations are writes, and reads of what was written, of 64 KiB.
  DISK,
  /// Operations are frames, with 1500 bytes of payload, there and back.
  NETWORK
}
