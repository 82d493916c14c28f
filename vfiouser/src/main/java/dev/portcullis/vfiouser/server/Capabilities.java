package dev.portcullis.vfiouser.server;

/// From when on a client sees the capabilities in configuration space.
public enum Capabilities {
  /// At once. The client takes over what it knows: QEMU keeps the MSI-X table to itself and wants
  /// an event per vector.
  FROM_START,
  /// From the first DEVICE_RESET of a connection on. QEMU looks for capabilities once, before that,
  /// and afterwards passes everything on: the guest finds the full list, and the MSI-X table is
  /// ordinary window space of ours, so that each interrupt is a memory write.
  LATE
}
