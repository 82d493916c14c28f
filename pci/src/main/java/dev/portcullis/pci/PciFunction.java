package dev.portcullis.pci;

import java.util.List;

/// A PCI function as the machine plugs it in: configuration space, windows, a reset, and an
/// upstream port to work through.
///
/// Configuration and window accesses come from one thread at a time; a function may do DMA from
/// threads of its own. After [#reset()] returns, no DMA of before the reset is under way.
///
/// @pcie 7.5.1 PCI-Compatible Configuration Registers
public abstract class PciFunction implements AutoCloseable {
  private final ConfigSpace config = new ConfigSpace();
  private final List<Bar> bars;
  private volatile UpstreamPort port = UpstreamPort.unplugged();
  private volatile IntxLine intx = IntxLine.unconnected();

  protected PciFunction(List<Bar> bars) {
    this.bars = List.copyOf(bars);
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

  /// Plugs the function in.
  public void connect(UpstreamPort upstream, IntxLine line) {
    port = upstream;
    intx = line;
  }

  protected final UpstreamPort port() {
    return port;
  }

  protected final IntxLine intx() {
    return intx;
  }

  /// Software reads `widthBytes` (1 to 8) bytes of configuration space.
  public long readConfig(int offset, int widthBytes) {
    return config.read(offset, widthBytes);
  }

  /// Software writes `widthBytes` (1 to 8) bytes of configuration space.
  public void writeConfig(int offset, int widthBytes, long value) {
    config.write(offset, widthBytes, value);
  }

  /// Software reads `widthBytes` (1, 2, 4 or 8) bytes of window `bar`; `offset` is inside it.
  public abstract long readBar(int bar, long offset, int widthBytes);

  /// Software writes `widthBytes` (1, 2, 4 or 8) bytes of window `bar`; `offset` is inside it.
  public abstract void writeBar(int bar, long offset, int widthBytes, long value);

  /// Fundamental or function-level reset.
  public void reset() {
    config.reset();
  }

  /// Gives up threads and files for good.
  @Override
  public void close() {}
}
