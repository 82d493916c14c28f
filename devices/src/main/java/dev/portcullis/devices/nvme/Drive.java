package dev.portcullis.devices.nvme;

/// What outlives a controller reset: the blocks, and the books kept about them.
record Drive(NvmeOptions options, Namespace namespace, ErrorLog errors, HealthLog health) {
  static final int TEMPERATURE_KELVIN = 310;
  static final int WARNING_KELVIN = 343;
  static final int CRITICAL_KELVIN = 353;
}
