package dev.portcullis.machine.chassis;

import dev.portcullis.machine.DeviceMaker;
import dev.portcullis.machine.PlatformException;
import dev.portcullis.machine.description.DeviceDescription;
import dev.portcullis.machine.description.MachineDescription;
import dev.portcullis.machine.description.UnitDescription;
import dev.portcullis.machine.wiring.BlockedRequests;
import dev.portcullis.machine.wiring.RootComplex;
import dev.portcullis.memory.MemoryMap;
import dev.portcullis.pci.Capability;
import dev.portcullis.pci.IntxLine;
import dev.portcullis.pci.PciFunction;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.pci.Sriov;
import dev.portcullis.pci.UpstreamPort;
import dev.portcullis.pci.VirtualFunction;
import dev.portcullis.unit.RemappingUnit;
import dev.portcullis.unit.event.MessageSink;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/// Units and functions, wired to memory and to where interrupts end. Virtual functions come and go
/// as software enables them in the configuration space of their physical function.
public final class Chassis implements AutoCloseable {
  private final MemoryMap memory;
  private final MessageSink interrupts;
  private final UnaryOperator<UpstreamPort> fitting;
  private final RootComplex complex = new RootComplex();
  private final Map<String, RemappingUnit> units = new LinkedHashMap<>();
  private final List<Slot> slots = new CopyOnWriteArrayList<>();
  private volatile Observer observer = Observer.NONE;

  /// A function in its place.
  ///
  /// @param description what it was made from; for a virtual function, what its physical one was
  /// @param onBus what configuration accesses find there; the function itself, unless that is a
  ///   virtual one
  public record Slot(
      DeviceDescription description, RequesterId at, PciFunction function, PciFunction onBus) {}

  /// Who wants to know of virtual functions.
  public interface Observer {
    /// Nobody.
    Observer NONE =
        new Observer() {
          @Override
          public void appeared(Slot slot) {}

          @Override
          public void vanished(Slot slot) {}
        };

    /// It is there, as after a reset.
    void appeared(Slot slot);

    /// It is gone, and nothing it has asked for is under way.
    void vanished(Slot slot);
  }

  private Chassis(MemoryMap memory, MessageSink interrupts, UnaryOperator<UpstreamPort> fitting) {
    this.memory = memory;
    this.interrupts = interrupts;
    this.fitting = fitting;
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
    return of(machine, memory, interrupts, maker, pins, UnaryOperator.identity());
  }

  /// The same, with something between each function and the root complex.
  ///
  /// @param fitting makes of the way to the root complex the one that a function gets
  public static Chassis of(
      MachineDescription machine,
      MemoryMap memory,
      MessageSink interrupts,
      DeviceMaker maker,
      Function<RequesterId, IntxLine> pins,
      UnaryOperator<UpstreamPort> fitting)
      throws PlatformException {
    Chassis chassis = new Chassis(memory, interrupts, fitting);
    try {
      for (UnitDescription unit : machine.units()) {
        chassis.units.put(
            unit.id(), new RemappingUnit(unit.configuration(), memory, chassis.interrupts));
      }
      for (DeviceDescription device : machine.devices()) {
        chassis.plug(
            device,
            machine.topology().requesterOf(device.at()),
            maker.make(machine, device, memory),
            pins.apply(device.at()));
      }
      return chassis;
    } catch (PlatformException refused) {
      chassis.close();
      throw refused;
    }
  }

  private void plug(
      DeviceDescription description, RequesterId requester, PciFunction function, IntxLine pin) {
    RequesterId at = description.at();
    complex.cover(at, requester, units.get(description.unit()));
    complex.plug(at, function);
    function.connect(portOf(requester), pin);
    slots.add(new Slot(description, at, function, function));
    for (Capability capability : function.capabilities()) {
      if (capability instanceof Sriov sriov) {
        sriov.connect(new VirtualSlots(description, sriov));
      }
    }
  }

  private UpstreamPort portOf(RequesterId requester) {
    return fitting.apply(complex.portOf(requester, memory, interrupts));
  }

  /// The virtual functions of one device, under the unit of their physical one.
  private final class VirtualSlots implements Sriov.Host {
    private final DeviceDescription description;
    private final Sriov sriov;

    private VirtualSlots(DeviceDescription description, Sriov sriov) {
      this.description = description;
      this.sriov = sriov;
    }

    @Override
    public void appear(int index) {
      RequesterId at = Sriov.place(description.at(), index);
      PciFunction function = sriov.function(index);
      complex.cover(at, units.get(description.unit()));
      complex.plug(at, function);
      function.connect(portOf(at), IntxLine.unconnected());
      Slot slot = new Slot(description, at, function, new VirtualFunction(sriov, index));
      slots.add(slot);
      observer.appeared(slot);
    }

    @Override
    public void vanish(int index) {
      RequesterId at = Sriov.place(description.at(), index);
      PciFunction function = sriov.function(index);
      function.reset();
      function.connect(UpstreamPort.unplugged(), IntxLine.unconnected());
      complex.remove(at);
      for (Slot slot : slots) {
        if (slot.at().equals(at)) {
          slots.remove(slot);
          observer.vanished(slot);
        }
      }
    }
  }

  /// Enables all virtual functions there can be.
  public void enableVirtualFunctions() {
    for (Slot slot : slots) {
      for (Capability capability : slot.function().capabilities()) {
        if (capability instanceof Sriov sriov) {
          sriov.enableAll(slot.function());
        }
      }
    }
  }

  /// A way for requests that no function makes: for whoever tests a unit. What the unit refuses of
  /// them is not counted with what it refuses of functions.
  ///
  /// @param unit id of the one that covers them
  /// @throws IllegalArgumentException if a unit covers `requester` already
  public UpstreamPort openProbe(RequesterId requester, String unit) {
    complex.cover(requester, units.get(unit));
    return complex.portOf(requester, memory, interrupts, new BlockedRequests());
  }

  /// Ends what [#openProbe] has begun.
  public void closeProbe(RequesterId requester) {
    complex.remove(requester);
  }

  /// Tells `who` of virtual functions that come and go from now on.
  public void observe(Observer who) {
    observer = who;
  }

  /// The units by their ids, in the order of the description.
  public Map<String, RemappingUnit> units() {
    return Map.copyOf(units);
  }

  /// The unit called `id`.
  public RemappingUnit unit(String id) {
    return units.get(id);
  }

  /// The functions, in the order of the description; behind them the virtual ones there are now.
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
