package dev.portcullis.unit.interrupt;

import dev.portcullis.spec.interrupt.InterruptEntry;
import dev.portcullis.spec.register.InterruptRegisters;

/// The switches an interrupt request meets, as they are at one moment. A command makes a new one.
///
/// @param isRemapping interrupts are remapped (IRES)
/// @param letsCompatibilityPass the compatibility format passes (CFIS)
/// @param table the table the last SIRTP latched: host physical
/// @param entries how many it has, 2 to 65536
/// @param isExtended destinations have 32 bits (EIME)
/// @vtd 11.4.10 Interrupt Remapping Table Address Register
record InterruptRegime(
    boolean isRemapping,
    boolean letsCompatibilityPass,
    long table,
    int entries,
    boolean isExtended) {

  /// After power-on.
  static final InterruptRegime POWER_ON = new InterruptRegime(false, false, 0, 2, false);

  InterruptRegime remapping(boolean on) {
    return new InterruptRegime(on, letsCompatibilityPass, table, entries, isExtended);
  }

  InterruptRegime compatibility(boolean passes) {
    return new InterruptRegime(isRemapping, passes, table, entries, isExtended);
  }

  /// The same with what `irta`, the register, says.
  InterruptRegime table(long irta) {
    return new InterruptRegime(
        isRemapping,
        letsCompatibilityPass,
        InterruptRegisters.IRTA_BASE.inPlace(irta),
        2 << InterruptRegisters.S.intOf(irta),
        InterruptRegisters.EIME.isSet(irta));
  }

  /// Whether a request in compatibility format passes. With wide destinations none does.
  ///
  /// @vtd 5.1.4 Interrupt-Remapping Hardware Operation
  boolean passesCompatibility() {
    return letsCompatibilityPass && !isExtended;
  }

  /// Address of entry `index`.
  long address(int index) {
    return InterruptEntry.address(table, index);
  }
}
