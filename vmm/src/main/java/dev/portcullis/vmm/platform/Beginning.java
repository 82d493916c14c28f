package dev.portcullis.vmm.platform;

/// When a partition that is added begins.
public enum Beginning {
  /// As soon as it is there. One that does not begin is not added.
  AT_ONCE,
  /// When somebody starts it.
  LATER
}
