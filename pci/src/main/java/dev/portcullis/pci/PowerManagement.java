package dev.portcullis.pci;

/// Power management with the two states every function has: D0, at work, and D3hot, in which it
/// neither answers in its windows nor issues requests. Waking up resets nothing.
///
/// @pcie 7.5.2 PCI Power Management Capability Structure
public final class PowerManagement extends Capability {
  private static final int CAPABILITIES = 0x02;
  private static final int CONTROL_STATUS = 0x04;
  private static final int VERSION_3 = 3;
  private static final int POWER_STATE = 3;
  private static final int D3_HOT = 3;
  private static final int NO_SOFT_RESET = 1 << 3;

  private int state;

  public PowerManagement() {
    super(Space.COMPATIBLE, 0x01, 0x08);
  }

  @Override
  protected void declare() {
    register(CAPABILITIES, 2, VERSION_3, 0);
    register(CONTROL_STATUS, 2, NO_SOFT_RESET, POWER_STATE);
  }

  /// A write that asks for D1 or D2, which are not there, changes nothing.
  @Override
  protected void afterWrite() {
    int asked = (int) read(CONTROL_STATUS, 2) & POWER_STATE;
    if (asked == 0 || asked == D3_HOT) {
      state = asked;
    } else {
      put(CONTROL_STATUS, 2, NO_SOFT_RESET | state);
    }
  }

  @Override
  protected void reset() {
    state = 0;
  }

  boolean isAwake() {
    return state == 0;
  }
}
