package dev.portcullis.pci;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// A PCI function as the machine plugs it in: configuration space, windows, a reset, and an
/// upstream port to work through.
///
/// Configuration and window accesses come from one thread at a time; a function may do DMA from
/// threads of its own. After [#reset()] returns, no DMA of before the reset is under way.
///
/// @pcie 7.5.1 PCI-Compatible Configuration Registers
public abstract class PciFunction implements AutoCloseable {
  private static final FunctionHeader NOBODY = FunctionHeader.of(0, 0);

  private final ConfigSpace config = new ConfigSpace();
  private final MasterPort port = new MasterPort(config);
  private final List<Bar> bars;
  private final List<Capability> capabilities;
  private final PciExpress express;
  private final PowerManagement power;
  private final Interrupts interrupts;

  /// A function that declares its configuration space itself, in [#config()].
  protected PciFunction(List<Bar> bars) {
    this(NOBODY, bars, List.of());
  }

  /// A function with this header and these capabilities, linked in this order.
  ///
  /// @throws IllegalArgumentException if windows overlap or capabilities do not fit
  protected PciFunction(FunctionHeader header, List<Bar> bars, List<Capability> capabilities) {
    this.bars = List.copyOf(bars);
    this.capabilities = new ArrayList<>(capabilities);
    header.declareIn(config);
    requireDistinct(this.bars);
    this.bars.forEach(bar -> bar.declareIn(config));
    CapabilityLists.lay(config, this.capabilities);
    config.captureResetState();
    express = find(capabilities, PciExpress.class);
    power = find(capabilities, PowerManagement.class);
    Msix msix = find(capabilities, Msix.class);
    interrupts = new Interrupts(config, port, find(capabilities, Msi.class), msix);
    if (msix != null) {
      msix.afterTableWrite(interrupts::reconsider);
    }
  }

  private static void requireDistinct(List<Bar> bars) {
    int taken = 0;
    for (Bar bar : bars) {
      int registers = (bar.width() == Bar.Width.MEMORY_64 ? 3 : 1) << bar.index();
      if ((taken & registers) != 0) {
        throw new IllegalArgumentException("base address register used twice: " + bar.index());
      }
      taken |= registers;
    }
  }

  private static <C extends Capability> C find(List<Capability> capabilities, Class<C> kind) {
    return capabilities.stream().filter(kind::isInstance).map(kind::cast).findFirst().orElse(null);
  }

  /// The function's configuration space; software's accesses go through [#readConfig] and
  /// [#writeConfig].
  public final ConfigSpace config() {
    return config;
  }

  /// The windows of this function.
  public final List<Bar> bars() {
    return bars;
  }

  /// The capabilities of this function, in the order of their lists.
  public final List<Capability> capabilities() {
    return Collections.unmodifiableList(capabilities);
  }

  /// Adds an extended capability, before the function is plugged in.
  ///
  /// @throws IllegalArgumentException if it is none, or does not fit
  public final void add(Capability capability) {
    CapabilityLists.append(config, capabilities, capability);
    capabilities.add(capability);
    config.captureResetState();
  }

  /// Has function 0 of a device say that there are others, before it is plugged in.
  public final void announceMoreFunctions() {
    config.setBits(ConfigRegisters.HEADER_TYPE, 1, ConfigRegisters.MULTI_FUNCTION);
    config.captureResetState();
  }

  /// Whether the function answers in its windows: memory space enabled, and not asleep.
  public boolean decodesMemory() {
    return isAwake() && isCommanded(ConfigRegisters.MEMORY_SPACE_ENABLE);
  }

  /// Where software has put `bar`: bus address of its first byte.
  public long addressOf(Bar bar) {
    return bar.addressIn(config);
  }

  /// Plugs the function in.
  public void connect(UpstreamPort upstream, IntxLine line) {
    port.connect(upstream);
    interrupts.connect(line);
  }

  /// The way out; closed while software has not made the function a bus master.
  protected final UpstreamPort port() {
    return port;
  }

  /// How this function interrupts.
  protected final Interrupts interrupts() {
    return interrupts;
  }

  /// Software reads `widthBytes` (1 to 8) bytes of configuration space.
  public long readConfig(int offset, int widthBytes) {
    return config.read(offset, widthBytes);
  }

  /// Software writes `widthBytes` (1 to 8) bytes of configuration space. A write that asks for a
  /// Function Level Reset returns when that is done.
  public void writeConfig(int offset, int widthBytes, long value) {
    config.write(offset, widthBytes, value);
    for (Capability capability : capabilities) {
      if (capability.isTouchedBy(offset, widthBytes)) {
        capability.afterWrite();
      }
    }
    if (express != null && express.takeResetRequest()) {
      reset();
    } else {
      reconsider();
    }
  }

  /// Software reads `widthBytes` (1, 2, 4 or 8) bytes of window `bar`; `offset` is inside it.
  public abstract long readBar(int bar, long offset, int widthBytes);

  /// Software writes `widthBytes` (1, 2, 4 or 8) bytes of window `bar`; `offset` is inside it.
  public abstract void writeBar(int bar, long offset, int widthBytes, long value);

  /// A remapping unit tells the function to forget translations. One that caches some says so when
  /// it has done it, on a thread of its own: [UpstreamPort#invalidationCompleted].
  ///
  /// @return whether the function does so; one without a translation cache does not
  /// @pcie 10.3.1 Invalidate Request
  public boolean invalidate(InvalidateRequest request) {
    return false;
  }

  /// Software answers page requests of this function. Returns at once.
  ///
  /// @pcie 10.4.2 Page Request Group Response Message
  public void respond(PageResponse response) {}

  /// Fundamental or function-level reset. A function that works in threads of its own stops them
  /// first.
  public void reset() {
    config.reset();
    capabilities.forEach(Capability::reset);
    interrupts.reset();
    reconsider();
  }

  /// Writes `pattern` to `iova` and reads it back into `back`, as requests of this function like
  /// any other: they leave if software has made it a bus master, and end where a remapping unit
  /// lets them. What the function is doing meanwhile goes on.
  ///
  /// @param back as long as `pattern`
  public final Completion loopBack(long iova, MemorySegment pattern, MemorySegment back) {
    Completion written = port.write(iova, pattern, 0, pattern.byteSize());
    return written.isSuccess() ? port.read(iova, back, 0, back.byteSize()) : written;
  }

  private void reconsider() {
    port.open(isAwake(), isCommanded(ConfigRegisters.BUS_MASTER_ENABLE));
    interrupts.reconsider();
  }

  private boolean isAwake() {
    return power == null || power.isAwake();
  }

  private boolean isCommanded(int commandBit) {
    return (config.read(ConfigRegisters.COMMAND, 2) & commandBit) != 0;
  }

  /// A machine begins to use the function: one that has just been switched on, and looks for its
  /// functions before it resets them. The one before may have vanished without a word.
  public void attached() {}

  /// Gives up threads and files for good.
  @Override
  public void close() {}
}
