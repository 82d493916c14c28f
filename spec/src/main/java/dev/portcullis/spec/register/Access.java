package dev.portcullis.spec.register;

/// What software may do to the bits of a register field.
///
/// @vtd 11.3 Register Attributes
public enum Access {
  /// Read-only; the unit changes it.
  RO,
  /// Read-only and sticky: only power-good reset restores it.
  ROS,
  RW,
  /// Written, and read back as 0.
  WO,
  /// Read, and cleared by writing 1; sticky.
  RW1CS
}
