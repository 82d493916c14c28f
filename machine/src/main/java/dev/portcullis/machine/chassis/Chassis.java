package dev.portcullis.machine.chassis;

import dev.portcullis.machine.DeviceMaker;
import dev.portcullis.machine.PlatformException;
import dev.portcullis.machine.description.DeviceDescription;
import dev.portcullis.machine.description.MachineDescription;
import dev.portcullis.machine.description.UnitDescription;
import dev.portcullis.machine.wiring.BlockedRequests;
import dev.portcullis.machine.wiring.RootComplex;
import dev.portcullis.memory.MemoryMap;
import dev.portcullis.pci.IntxLine;
import dev.portcullis.pci.PciFunction;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.unit.RemappingUnit;
import dev.portcullis.unit.event.MessageSink;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/// Units and functions, wired to memory and to where interrupts end.
public final class Chassis implements AutoCloseable {
  private final MemoryMap memory;
  private final MessageSink interrupts;
  private final RootComplex complex = new RootComplex();
  private final Map<String, RemappingUnit> units = new LinkedHashMap<>();
  private final List<Slot> slots = new ArrayList<>();

  /// A function in its place.
  ///
  /// @param description what it was made from
  public record Slot(DeviceDescription description, PciFunction function) {
    public RequesterId at() {
      return description.at();
    }
  }

  private Chassis(MemoryMap memory, MessageSink interrupts) {
    this.memory = memory;
    this.interrupts = interrupts;
  }

  /// Puts the units and devices of `machine` together. The places of its units count for nothing:
  /// they are no PCI functions here.
  ///
  /// @param memory all of it, by host physical address
  /// @param interrupts where messages go that units let through, and those of the units' own
  /// @param pins where the pin of a function leads
  /// @throws PlatformException if a disk cannot be opened
  public static Chassis of(
      MachineDescription machine,
      MemoryMap memory,
      MessageSink interrupts,
      DeviceMaker maker,
      Function<RequesterId, IntxLine> pins)
      throws PlatformException {
    Chassis chassis = new Chassis(memory, interrupts);
    try {
      for (UnitDescription unit : machine.units()) {
        chassis.units.put(
            unit.id(), new RemappingUnit(unit.configuration(), memory, chassis.interrupts));
      }
      for (DeviceDescription device : machine.devices()) {
        chassis.plug(device, maker.make(device, memory), pins.apply(device.at()));
      }
      return chassis;
    } catch (PlatformException refused) {
      chassis.close();
      throw refused;
    }
  }

  private void plug(DeviceDescription description, PciFunction function, IntxLine pin) {
    RequesterId at = description.at();
    complex.cover(at, units.get(description.unit()));
    complex.plug(at, function);
    function.connect(complex.portOf(at, memory, interrupts), pin);
    slots.add(new Slot(description, function));
  }

  /// The units by their ids, in the order of the description.
  public Map<String, RemappingUnit> units() {
    return Map.copyOf(units);
  }

  /// The unit called `id`.
  public RemappingUnit unit(String id) {
    return units.get(id);
  }

  /// The functions, in the order of the description.
  public List<Slot> slots() {
    return List.copyOf(slots);
  }

  /// Memory by host physical address.
  public MemoryMap memory() {
    return memory;
  }

  /// The requests that units have refused.
  public BlockedRequests blocked() {
    return complex.blocked();
  }

  /// Ends the threads of the functions, and gives up their files.
  @Override
  public void close() {
    slots.forEach(slot -> slot.function().close());
  }
}
