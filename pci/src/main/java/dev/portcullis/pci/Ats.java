package dev.portcullis.pci;

/// Address translation services: the function asks for translations, caches them, and forgets them
/// when it is told to.
///
/// ```
///       31           16 15        5 4        0
///  +00  next | version  |     id 000fh
///  +04  control         | capability
///       E=15  STU=4..0    GIS=6 PAR=5  depth=4..0
/// ```
///
/// @pcie 10.5.1 ATS Extended Capability
public final class Ats extends Capability {
  private static final int CAPABILITY = 0x04;
  private static final int CONTROL = 0x06;

  private static final int PAGE_ALIGNED_REQUEST = 1 << 5;
  private static final int GLOBAL_INVALIDATE = 1 << 6;
  private static final int SMALLEST_UNIT = 0x1f;
  private static final int ENABLE = 1 << 15;

  /// Invalidate requests that can be under way to a function: as many as there are tags.
  public static final int MOST_INVALIDATIONS = 32;

  private final int queueDepth;
  private volatile boolean enabled;
  private volatile int smallestUnit;
  private Runnable onSwitch = () -> {};

  /// @param queueDepth invalidate requests the function takes without holding others up, 1 to 32
  public Ats(int queueDepth) {
    super(Space.EXTENDED, 0x000f, 0x08);
    if (queueDepth < 1 || queueDepth > MOST_INVALIDATIONS) {
      throw new IllegalArgumentException("an invalidate queue has 1 to 32 places: " + queueDepth);
    }
    this.queueDepth = queueDepth;
  }

  @Override
  protected void declare() {
    int depth = queueDepth & MOST_INVALIDATIONS - 1;
    register(CAPABILITY, 2, PAGE_ALIGNED_REQUEST | GLOBAL_INVALIDATE | depth, 0);
    register(CONTROL, 2, 0, ENABLE | SMALLEST_UNIT);
  }

  /// Calls `action` whenever software has switched the function's use of translations on or off.
  public void onSwitch(Runnable action) {
    onSwitch = action;
  }

  /// The smallest unit only changes when translations are not in use.
  @Override
  protected void afterWrite() {
    int control = (int) read(CONTROL, 2);
    boolean on = (control & ENABLE) != 0;
    if (enabled && on) {
      put(CONTROL, 2, ENABLE | smallestUnit);
      return;
    }
    smallestUnit = control & SMALLEST_UNIT;
    switchTo(on);
  }

  @Override
  protected void reset() {
    smallestUnit = 0;
    switchTo(false);
  }

  private void switchTo(boolean on) {
    if (enabled != on) {
      enabled = on;
      onSwitch.run();
    }
  }

  /// Whether the function may ask for translations and use them.
  public boolean isEnabled() {
    return enabled;
  }

  /// Log2 of the bytes of the smallest range that translations and invalidations are about: 12 or
  /// more.
  public int smallestUnitLog2() {
    return 12 + smallestUnit;
  }
}
