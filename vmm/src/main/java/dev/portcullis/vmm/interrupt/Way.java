package dev.portcullis.vmm.interrupt;

import java.util.Locale;

/// How the unit delivers interrupts of assigned functions to a partition.
///
/// @vtd 5.1 Interrupt Remapping
/// @vtd 5.2.3 Interrupt-Posting Hardware Operation
public enum Way {
  /// Each is a message to the monitor.
  REMAPPED,
  /// A bit in a descriptor; the monitor gets a message only if it has taken all that came before.
  POSTED;

  /// Such as `posted`.
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
