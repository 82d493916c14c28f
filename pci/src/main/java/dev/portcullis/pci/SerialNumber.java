package dev.portcullis.pci;

/// A number no other device has: 64 bits, an EUI-64.
///
/// @pcie 7.9.3 Device Serial Number Extended Capability
public final class SerialNumber extends Capability {
  private final long number;

  public SerialNumber(long number) {
    super(Space.EXTENDED, 0x0003, 0x0c);
    this.number = number;
  }

  @Override
  protected void declare() {
    register(0x04, 8, number, 0);
  }
}
