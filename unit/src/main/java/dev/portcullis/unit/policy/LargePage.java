package dev.portcullis.unit.policy;

/// A large page of second-stage tables.
///
/// @vtd 11.4.2 Capability Register
public enum LargePage {
  MIB_2(0b0001),
  GIB_1(0b0010);

  private final int sslpsBit;

  LargePage(int sslpsBit) {
    this.sslpsBit = sslpsBit;
  }

  /// The bit that announces this page size in the SSLPS field.
  public int sslpsBit() {
    return sslpsBit;
  }
}
