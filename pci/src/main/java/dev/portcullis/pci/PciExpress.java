package dev.portcullis.pci;

/// The PCI Express capability, version 2, with Function Level Reset.
///
/// ```
///  +02 PCI Express Capabilities   +04 Device Capabilities
///  +08 Device Control             +0a Device Status
///  +0c Link Capabilities          +10 Link Control   +12 Link Status
///  +24 Device Capabilities 2      +28 Device Control 2
/// ```
///
/// @pcie 7.5.3 PCI Express Capability Structure
public final class PciExpress extends Capability {
  private static final int CAPABILITIES = 0x02;
  private static final int DEVICE_CAPABILITIES = 0x04;
  private static final int DEVICE_CONTROL = 0x08;
  private static final int DEVICE_STATUS = 0x0a;
  private static final int LINK_CAPABILITIES = 0x0c;
  private static final int LINK_CONTROL = 0x10;
  private static final int LINK_STATUS = 0x12;
  private static final int DEVICE_CAPABILITIES_2 = 0x24;
  private static final int DEVICE_CONTROL_2 = 0x28;

  private static final int VERSION_2 = 2;
  private static final int ROLE_BASED_ERROR_REPORTING = 1 << 15;
  private static final int FUNCTION_LEVEL_RESET = 1 << 28;
  private static final int RELAXED_ORDERING_AND_NO_SNOOP = 1 << 4 | 1 << 11;
  private static final int READ_REQUEST_512 = 2 << 12;
  private static final int INITIATE_RESET = 1 << 15;
  private static final int ERRORS_DETECTED = 0xf;
  private static final int COMPLETION_TIMEOUT_DISABLE = 1 << 4;

  /// 2.5 GT/s, one lane.
  private static final int SLOWEST_LINK = 1 << 4 | 1;

  /// Where the function sits.
  public enum Kind {
    /// Behind a port, with a link.
    ENDPOINT(0),
    /// On the root bus, without one.
    ROOT_COMPLEX_INTEGRATED_ENDPOINT(9);

    private final int code;

    Kind(int code) {
      this.code = code;
    }
  }

  private final Kind kind;
  private boolean resetAsked;

  public PciExpress(Kind kind) {
    super(Space.COMPATIBLE, 0x10, 0x3c);
    this.kind = kind;
  }

  @Override
  protected void declare() {
    register(CAPABILITIES, 2, VERSION_2 | kind.code << 4, 0);
    register(DEVICE_CAPABILITIES, 4, ROLE_BASED_ERROR_REPORTING | FUNCTION_LEVEL_RESET, 0);
    register(DEVICE_CONTROL, 2, RELAXED_ORDERING_AND_NO_SNOOP | READ_REQUEST_512, 0xf8ff);
    clearByOne(DEVICE_STATUS, 2, ERRORS_DETECTED);
    if (kind == Kind.ENDPOINT) {
      register(LINK_CAPABILITIES, 4, SLOWEST_LINK, 0);
      register(LINK_CONTROL, 2, 0, 0x00cb);
      register(LINK_STATUS, 2, SLOWEST_LINK, 0);
    }
    register(DEVICE_CAPABILITIES_2, 4, COMPLETION_TIMEOUT_DISABLE, 0);
    register(DEVICE_CONTROL_2, 2, 0, COMPLETION_TIMEOUT_DISABLE);
  }

  /// The reset bit always reads 0.
  ///
  /// @pcie 6.6.2 Function Level Reset (FLR)
  @Override
  protected void afterWrite() {
    long control = read(DEVICE_CONTROL, 2);
    if ((control & INITIATE_RESET) != 0) {
      put(DEVICE_CONTROL, 2, control & ~INITIATE_RESET);
      resetAsked = true;
    }
  }

  /// Whether a write of `widthBytes` bytes to configuration space asks for a Function Level Reset.
  public boolean asksForReset(int offset, int widthBytes, long value) {
    int shift = 8 * (at() + DEVICE_CONTROL + 1 - offset);
    return shift >= 0 && shift < 8 * widthBytes && (value >>> shift & INITIATE_RESET >> 8) != 0;
  }

  /// Whether software has asked for a Function Level Reset since the last call.
  boolean takeResetRequest() {
    boolean asked = resetAsked;
    resetAsked = false;
    return asked;
  }
}
