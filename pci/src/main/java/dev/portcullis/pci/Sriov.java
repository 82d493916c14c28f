package dev.portcullis.pci;

import java.util.List;

/// Single root I/O virtualization: a function, the physical one, has others, its virtual functions,
/// that come and go as software says. Each has a requester id of its own.
///
/// ```
///       31                16 15                 0
///  +04  capabilities
///  +08  status             | control  MSE=3 Enable=0
///  +0c  TotalVFs           | InitialVFs
///  +10  dependency link    | NumVFs
///  +14  VF Stride          | First VF Offset
///  +18  VF Device ID       |
///  +1c  supported page sizes, bit n: 2^(n + 12) bytes
///  +20  system page size, one of them
///  +24  VF BAR 0 to 5
///  +3c  migration state array offset
/// ```
///
/// While virtual functions are enabled their number and the page size hold still. A number above
/// TotalVFs and a page size that is not one of those supported change nothing.
///
/// @pcie 9.3.3 SR-IOV Extended Capability
public final class Sriov extends Capability {
  /// Distance from the physical function's requester id to that of the first virtual function.
  public static final int FIRST_OFFSET = 1;

  /// Distance of the requester ids of two virtual functions.
  public static final int STRIDE = 1;

  /// Without alternative routing ids they share a device number with their physical function, which
  /// is function 0.
  public static final int MOST_FUNCTIONS = 7;

  private static final int CONTROL = 0x08;
  private static final int INITIAL_VFS = 0x0c;
  private static final int TOTAL_VFS = 0x0e;
  private static final int NUM_VFS = 0x10;
  private static final int FIRST_VF_OFFSET = 0x14;
  private static final int VF_STRIDE = 0x16;
  private static final int VF_DEVICE_ID = 0x1a;
  private static final int SUPPORTED_PAGE_SIZES = 0x1c;
  private static final int SYSTEM_PAGE_SIZE = 0x20;
  private static final int VF_BARS = 0x24;

  private static final int ENABLE = 1;
  private static final int MEMORY_SPACE_ENABLE = 1 << 3;

  /// 4 KiB, 8 KiB, 64 KiB, 256 KiB, 1 MiB, 4 MiB: those that every such function supports.
  private static final int PAGE_SIZES = 0x553;

  private static final int PAGE_4_KIB = 1;
  private static final int SMALLEST_PAGE_LOG2 = 12;
  private static final int TYPE_64 = 1 << 2;

  /// Who makes virtual functions part of a machine.
  public interface Host {
    /// The virtual function is there from now on, as after a reset.
    void appear(int index);

    /// It is not there any more. When this returns, nothing it has asked for is under way.
    void vanish(int index);
  }

  private final int deviceId;
  private final List<PciFunction> functions;
  private Host host;
  private boolean enabled;
  private int present;
  private int numberOfFunctions;
  private long pageSize = PAGE_4_KIB;

  /// @param deviceId of the virtual functions; their vendor is that of the physical one
  /// @param functions the virtual functions, 1 to [#MOST_FUNCTIONS], with windows of the same sizes
  public Sriov(int deviceId, List<? extends PciFunction> functions) {
    super(Space.EXTENDED, 0x0010, 0x40);
    if (functions.isEmpty() || functions.size() > MOST_FUNCTIONS) {
      throw new IllegalArgumentException("virtual functions: " + functions.size());
    }
    this.deviceId = deviceId;
    this.functions = List.copyOf(functions);
  }

  @Override
  protected void declare() {
    register(CONTROL, 2, 0, ENABLE | MEMORY_SPACE_ENABLE);
    register(INITIAL_VFS, 2, functions.size(), 0);
    register(TOTAL_VFS, 2, functions.size(), 0);
    register(NUM_VFS, 2, 0, 0xffff);
    register(FIRST_VF_OFFSET, 2, FIRST_OFFSET, 0);
    register(VF_STRIDE, 2, STRIDE, 0);
    register(VF_DEVICE_ID, 2, deviceId, 0);
    register(SUPPORTED_PAGE_SIZES, 4, PAGE_SIZES, 0);
    register(SYSTEM_PAGE_SIZE, 4, PAGE_4_KIB, 0xffff_ffffL);
    for (Bar bar : bars()) {
      register(offsetOf(bar), bytesOf(bar), typeOf(bar), -bar.sizeBytes());
    }
  }

  /// The windows of each virtual function.
  public List<Bar> bars() {
    return functions.getFirst().bars();
  }

  private static int offsetOf(Bar bar) {
    return VF_BARS + 4 * bar.index();
  }

  private static int bytesOf(Bar bar) {
    return bar.width() == Bar.Width.MEMORY_64 ? 8 : 4;
  }

  private static int typeOf(Bar bar) {
    return bar.width() == Bar.Width.MEMORY_64 ? TYPE_64 : 0;
  }

  /// Says who makes virtual functions part of the machine; before any is enabled.
  public void connect(Host to) {
    host = to;
  }

  /// How many virtual functions there can be.
  public int total() {
    return functions.size();
  }

  /// How many there are now.
  public int present() {
    return present;
  }

  /// A virtual function, whether it is there or not.
  public PciFunction function(int index) {
    return functions.get(index);
  }

  /// The requester id of a virtual function of the physical one at `physical`.
  public static RequesterId place(RequesterId physical, int index) {
    return RequesterId.of(physical.id() + FIRST_OFFSET + STRIDE * index);
  }

  /// Whether virtual functions answer in their windows.
  public boolean decodesMemory() {
    return (read(CONTROL, 2) & MEMORY_SPACE_ENABLE) != 0;
  }

  /// Where the window of a virtual function is: they lie one behind the other.
  public long addressOf(Bar bar, int index) {
    long first = read(offsetOf(bar), bytesOf(bar)) & -apertureBytes(bar);
    return first + index * apertureBytes(bar);
  }

  /// What a window takes of the address space: no less than a page of the system's.
  private long apertureBytes(Bar bar) {
    return Math.max(bar.sizeBytes(), pageSize << SMALLEST_PAGE_LOG2);
  }

  /// Does what software does that wants all virtual functions.
  ///
  /// @param physical the function whose capability this is
  public void enableAll(PciFunction physical) {
    physical.writeConfig(at() + NUM_VFS, 2, functions.size());
    physical.writeConfig(at() + CONTROL, 2, ENABLE | MEMORY_SPACE_ENABLE);
  }

  @Override
  protected void afterWrite() {
    if (!enabled) {
      int number = (int) read(NUM_VFS, 2);
      numberOfFunctions = number <= functions.size() ? number : numberOfFunctions;
      long size = read(SYSTEM_PAGE_SIZE, 4);
      pageSize = Long.bitCount(size) == 1 && (size & PAGE_SIZES) != 0 ? size : pageSize;
    }
    put(NUM_VFS, 2, numberOfFunctions);
    put(SYSTEM_PAGE_SIZE, 4, pageSize);
    alignWindows();
    enabled = (read(CONTROL, 2) & ENABLE) != 0;
    show(enabled ? numberOfFunctions : 0);
  }

  /// The address bits below what a window takes stay 0, which is how software finds it out.
  private void alignWindows() {
    for (Bar bar : bars()) {
      long address = read(offsetOf(bar), bytesOf(bar)) & -apertureBytes(bar);
      put(offsetOf(bar), bytesOf(bar), address | typeOf(bar));
    }
  }

  private void show(int wanted) {
    for (; present < wanted; present++) {
      if (host != null) {
        host.appear(present);
      }
    }
    while (present > wanted) {
      present--;
      if (host != null) {
        host.vanish(present);
      }
    }
  }

  /// A reset of the physical function takes the virtual ones away.
  @Override
  protected void reset() {
    numberOfFunctions = 0;
    pageSize = PAGE_4_KIB;
    enabled = false;
    show(0);
  }
}
