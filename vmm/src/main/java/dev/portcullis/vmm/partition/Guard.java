package dev.portcullis.vmm.partition;

/// Who is kept from writing to pages that are mapped for writing.
public enum Guard {
  /// Nobody: rights are what the pages were mapped with.
  NOBODY,
  /// Devices, those that the monitor plays among them. Processors go on writing.
  DEVICES,
  /// Devices, and the processors of an engine that goes through [ProcessorView]: an embedded one. A
  /// processor that QEMU plays has the memory itself.
  EVERYBODY
}
