package dev.portcullis.driver.interrupt;

/// How interrupts are to be remapped.
///
/// @param entriesLog2 the table has 2 to this entries: 1 to 16
/// @param apics what destinations look like
/// @param compatibility what becomes of interrupts that name no entry
public record InterruptOptions(int entriesLog2, Apics apics, Compatibility compatibility) {

  /// Local APICs.
  public enum Apics {
    /// With ids of 8 bits.
    XAPIC,
    /// With ids of 32 bits; interrupts in compatibility format are always refused.
    X2APIC
  }

  /// Interrupts in compatibility format.
  public enum Compatibility {
    REFUSED,
    LET_THROUGH
  }

  public InterruptOptions {
    if (entriesLog2 < 1 || entriesLog2 > 16) {
      throw new IllegalArgumentException("a table of 2^" + entriesLog2 + " entries");
    }
    if (apics == Apics.X2APIC && compatibility == Compatibility.LET_THROUGH) {
      throw new IllegalArgumentException("with x2APICs there is no compatibility format");
    }
  }
}
