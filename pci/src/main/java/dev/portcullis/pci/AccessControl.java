package dev.portcullis.pci;

/// Access control services of a function that sends nothing to other functions of its device: what
/// could be controlled is not there, and nothing of it can be turned off.
///
/// ```
///   +04  capabilities = 0    +06  control = 0
/// ```
///
/// @pcie 6.12 Access Control Services (ACS)
public final class AccessControl extends Capability {
  public AccessControl() {
    super(Space.EXTENDED, 0x000d, 0x08);
  }

  @Override
  protected void declare() {
    register(0x04, 4, 0, 0);
  }
}
