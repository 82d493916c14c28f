package dev.portcullis.pci;

/// Page requests: the function asks software for pages that it finds missing.
///
/// ```
///       31                16 15               0
///  +00  next |   version     |    id 0013h
///  +04  status               | control
///       PASID=15 STOPPED=8     RESET=1 E=0
///       UPRGI=1  RF=0
///  +08  outstanding page request capacity
///  +0c  outstanding page request allocation
/// ```
///
/// @pcie 10.5.2 Page Request Extended Capability Structure
public final class PageRequestInterface extends Capability {
  private static final int CONTROL = 0x04;
  private static final int STATUS = 0x06;
  private static final int CAPACITY = 0x08;
  private static final int ALLOCATION = 0x0c;

  private static final int ENABLE = 1;
  private static final int RESET = 1 << 1;

  private static final int RESPONSE_FAILURE = 1;
  private static final int UNEXPECTED_INDEX = 1 << 1;
  private static final int STOPPED = 1 << 8;
  private static final int RESPONSE_PASID_REQUIRED = 1 << 15;

  /// The part of the function that asks for pages.
  public interface Requester {
    /// Software allows requests from now on.
    void allowed();

    /// Software allows no new requests; [PageRequestInterface#stopped] follows when none is
    /// outstanding.
    void forbidden();

    /// Software has what is outstanding forgotten; no requests are allowed.
    void forget();
  }

  private static final Requester NOBODY =
      new Requester() {
        @Override
        public void allowed() {}

        @Override
        public void forbidden() {}

        @Override
        public void forget() {}
      };

  private final int capacity;
  private Requester requester = NOBODY;
  private volatile boolean enabled;

  /// @param capacity requests the function can have outstanding, at least 1
  public PageRequestInterface(int capacity) {
    super(Space.EXTENDED, 0x0013, 0x10);
    if (capacity < 1) {
      throw new IllegalArgumentException("at least one request: " + capacity);
    }
    this.capacity = capacity;
  }

  @Override
  protected void declare() {
    register(CONTROL, 2, 0, ENABLE | RESET);
    register(STATUS, 2, RESPONSE_PASID_REQUIRED | STOPPED, 0);
    clearByOne(STATUS, 2, RESPONSE_FAILURE | UNEXPECTED_INDEX);
    register(CAPACITY, 4, capacity, 0);
    register(ALLOCATION, 4, 0, 0xffff_ffffL);
  }

  /// Has `part` told what software wants.
  public void tell(Requester part) {
    requester = part;
  }

  /// The reset bit always reads 0, and does nothing while requests are allowed.
  @Override
  protected void afterWrite() {
    int control = (int) read(CONTROL, 2);
    boolean on = (control & ENABLE) != 0;
    put(CONTROL, 2, control & ENABLE);
    if (on && !enabled) {
      put(STATUS, 2, RESPONSE_PASID_REQUIRED);
      enabled = true;
      requester.allowed();
    } else if (!on && enabled) {
      enabled = false;
      requester.forbidden();
    }
    if (!on && (control & RESET) != 0) {
      requester.forget();
      stopped();
    }
  }

  @Override
  protected void reset() {
    enabled = false;
    requester.forget();
  }

  /// Whether software allows requests.
  public boolean isEnabled() {
    return enabled;
  }

  /// How many requests software lets be outstanding: never more than the function can have.
  public int allocation() {
    return (int) Math.min(read(ALLOCATION, 4), capacity);
  }

  /// No request is outstanding, and none will be until software allows them again.
  public void stopped() {
    raise(STOPPED);
  }

  /// An answer said that software's side is broken. The function waits for no further one.
  public void responseFailed() {
    raise(RESPONSE_FAILURE);
  }

  /// An answer came to a group that is not outstanding.
  public void unexpectedIndex() {
    raise(UNEXPECTED_INDEX);
  }

  private void raise(int bits) {
    setBits(STATUS, 2, bits);
  }
}
