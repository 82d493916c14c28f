package dev.portcullis.spec.interrupt;

import java.util.Arrays;
import java.util.Optional;

/// How a local APIC takes an interrupt.
///
/// @vtd 9.10 Interrupt Remapping Table Entry (IRTE) for Remapped Interrupts
public enum DeliveryMode {
  FIXED(0b000),
  LOWEST_PRIORITY(0b001),
  SMI(0b010),
  NMI(0b100),
  INIT(0b101),
  EXTINT(0b111);

  private final int code;

  DeliveryMode(int code) {
    this.code = code;
  }

  /// Value of DLM, 3 bits.
  public int code() {
    return code;
  }

  /// Whether its trigger mode counts: the others are edges always.
  public boolean hasTriggerMode() {
    return this == FIXED || this == LOWEST_PRIORITY;
  }

  /// The mode with `code`; empty if there is none.
  public static Optional<DeliveryMode> of(int code) {
    return Arrays.stream(values()).filter(mode -> mode.code == code).findFirst();
  }
}
