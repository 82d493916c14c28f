package dev.portcullis.vmm.iomodel;

/// How a partition comes by a device.
public enum IoModel {
  /// The monitor plays a device of old: each access to a register traps, and data pass through one.
  EMULATED,
  /// The monitor plays a device made for that: rings in the partition's memory, and a doorbell that
  /// traps; the monitor copies the data once.
  PARAVIRTUAL,
  /// The partition has the device itself, whose DMA goes through the remapping unit.
  DIRECT
}
