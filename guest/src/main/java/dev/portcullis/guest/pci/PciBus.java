package dev.portcullis.guest.pci;

import dev.portcullis.guest.port.GuestMachine;
import dev.portcullis.guest.port.Processor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Bus 0: finds its functions, and gives their windows places. Safe for use by several threads.
public final class PciBus {
  private static final int DEVICES = 32;
  private static final int FUNCTIONS = 8;
  private static final int MULTI_FUNCTION = 0x80;

  private final GuestMachine machine;
  private final Map<Integer, PciDevice> found = new LinkedHashMap<>();
  private long nextWindow;

  /// Nothing is found yet.
  public PciBus(GuestMachine machine) {
    this.machine = machine;
    this.nextWindow = machine.windowBase();
  }

  /// Looks at every place of the bus. Functions that are still there stay the same objects;
  /// functions that are new have their windows placed.
  ///
  /// @return all functions, lowest first
  public synchronized List<PciDevice> scan() {
    Processor processor = machine.processor();
    Map<Integer, PciDevice> before = new LinkedHashMap<>(found);
    found.clear();
    for (int device = 0; device < DEVICES; device++) {
      int functions = 1;
      for (int function = 0; function < functions; function++) {
        int at = device << 3 | function;
        long id = processor.readConfig(at, PciDevice.ID, 4);
        if ((id & 0xffff) != 0xffff) {
          PciDevice known = before.get(at);
          boolean same = known != null && known.id() == id && known.isPlaced();
          found.put(at, same ? known : admit(at, id));
          long type = processor.readConfig(at, PciDevice.HEADER_TYPE, 1);
          functions = function == 0 && (type & MULTI_FUNCTION) != 0 ? FUNCTIONS : functions;
        }
      }
    }
    return List.copyOf(found.values());
  }

  private PciDevice admit(int at, long id) {
    PciDevice device = new PciDevice(machine, at, id);
    device.place(this::take);
    return device;
  }

  /// Takes room for a window. Windows are not given back: the place is large, and few come and go.
  private Optional<Long> take(long bytes) {
    long base = nextWindow + bytes - 1 & -bytes;
    if (base < nextWindow || base + bytes > machine.windowBase() + machine.windowBytes()) {
      return Optional.empty();
    }
    nextWindow = base + bytes;
    return Optional.of(base);
  }

  /// Functions of that vendor and kind, as far as they were found.
  ///
  /// @param id vendor in bits 15 to 0, device in bits 31 to 16
  public synchronized List<PciDevice> find(long id) {
    List<PciDevice> all = new ArrayList<>();
    for (PciDevice device : found.values()) {
      if (device.id() == id) {
        all.add(device);
      }
    }
    return all;
  }
}
