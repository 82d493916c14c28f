package dev.portcullis.machine.bus;

import dev.portcullis.pci.Bar;
import dev.portcullis.pci.PciFunction;
import dev.portcullis.pci.RequesterId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;

/// The root bus: functions in their places, found by configuration accesses, and answering where
/// software has put their windows. They may come and go at any time, even while software writes the
/// configuration of another.
public final class PciBus {
  private static final long CONFIGURATION_BYTES = 4096;

  private final HostBridge bridge = new HostBridge();
  private final Map<Integer, PciFunction> functions = new ConcurrentSkipListMap<>();
  private volatile List<Window> windows = List.of();

  /// A bus with the host bridge of q35.
  public PciBus() {
    functions.put(0, bridge);
  }

  /// Plugs a function in.
  public void add(RequesterId at, PciFunction function) {
    functions.put(at.id(), function);
    windows = place();
  }

  /// Unplugs the function at `at`, if there is one.
  public void remove(RequesterId at) {
    functions.remove(at.id());
    windows = place();
  }

  /// Reads `widthBytes` bytes of the configuration space of function `id`; ones where there is
  /// none.
  public long readConfig(int id, int register, int widthBytes) {
    PciFunction function = functions.get(id);
    return function == null ? -1 : function.readConfig(register, widthBytes);
  }

  /// Writes `widthBytes` bytes of the configuration space of function `id`.
  public void writeConfig(int id, int register, int widthBytes, long value) {
    PciFunction function = functions.get(id);
    if (function != null) {
      function.writeConfig(register, widthBytes, value);
      windows = place();
    }
  }

  /// The windows that are open now. The one onto configuration space comes first.
  public List<Window> windows() {
    return windows;
  }

  private List<Window> place() {
    List<Window> open = new ArrayList<>();
    bridge
        .configurationBase()
        .ifPresent(
            base -> open.add(new Window(base, bridge.configurationBytes(), new Configuration())));
    for (PciFunction function : functions.values()) {
      if (function.decodesMemory()) {
        for (Bar bar : function.bars()) {
          open.add(
              new Window(function.addressOf(bar), bar.sizeBytes(), new Registers(function, bar)));
        }
      }
    }
    return List.copyOf(open);
  }

  /// Every function's 4 KiB one after the other, by requester id.
  private final class Configuration implements Window.Target {
    @Override
    public long read(long offset, int widthBytes) {
      return readConfig(id(offset), register(offset), widthBytes);
    }

    @Override
    public void write(long offset, int widthBytes, long value) {
      writeConfig(id(offset), register(offset), widthBytes, value);
    }

    private static int id(long offset) {
      return (int) (offset / CONFIGURATION_BYTES);
    }

    private static int register(long offset) {
      return (int) (offset % CONFIGURATION_BYTES);
    }
  }

  private record Registers(PciFunction function, Bar bar) implements Window.Target {
    @Override
    public long read(long offset, int widthBytes) {
      return function.readBar(bar.index(), offset, widthBytes);
    }

    @Override
    public void write(long offset, int widthBytes, long value) {
      function.writeBar(bar.index(), offset, widthBytes, value);
    }
  }
}
