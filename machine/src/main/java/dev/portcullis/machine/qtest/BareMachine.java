package dev.portcullis.machine.qtest;

import dev.portcullis.machine.DeviceMaker;
import dev.portcullis.machine.PlatformException;
import dev.portcullis.machine.bus.InputPins;
import dev.portcullis.machine.bus.MessageWindow;
import dev.portcullis.machine.bus.PciBus;
import dev.portcullis.machine.bus.PhysicalBus;
import dev.portcullis.machine.bus.PinRouting;
import dev.portcullis.machine.bus.Ports;
import dev.portcullis.machine.bus.UnitWindow;
import dev.portcullis.machine.bus.Window;
import dev.portcullis.machine.description.DeviceDescription;
import dev.portcullis.machine.description.MachineDescription;
import dev.portcullis.machine.description.UnitDescription;
import dev.portcullis.machine.wiring.RootComplex;
import dev.portcullis.memory.MemoryMap;
import dev.portcullis.pci.PciFunction;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.qtest.server.InterruptInputs;
import dev.portcullis.qtest.server.QtestMachine;
import dev.portcullis.qtest.server.VirtualTime;
import dev.portcullis.unit.RemappingUnit;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// A machine without a processor: memory, remapping units, PCI devices behind them, all where
/// QEMU's q35 has them, so that a script for the one runs on the other.
///
/// ```
///         0 memory                         fed90000 registers of the first unit, others behind
///  b0000000 configuration space, if on     fee00000 interrupt messages end here
///  wherever software puts them: the windows of the devices
/// ```
///
/// Interrupt inputs: `ioapic` has the devices' pins, `msi` an input for each vector of a message.
/// Nothing lies between A0000h and FFFFFh: that is the firmware's, and there is none. DMA reaches
/// memory, and no window.
public final class BareMachine implements QtestMachine, AutoCloseable {
  /// Where the registers of the first unit are.
  public static final long UNIT_BASE = 0xfed9_0000L;

  private static final int IOAPIC_INPUTS = 24;
  private static final int VECTORS = 256;

  private final Ram ram;
  private final PciBus pci = new PciBus();
  private final Ports ports = new Ports(pci);
  private final VirtualClock clock = new VirtualClock();
  private final InputPins ioapic = new InputPins(IOAPIC_INPUTS);
  private final InputPins vectors = new InputPins(VECTORS);
  private final MessageWindow messages = new MessageWindow(vectors);
  private final PinRouting routing = new PinRouting(ioapic);
  private final RootComplex complex = new RootComplex();
  private final PhysicalBus bus;
  private final Map<String, RemappingUnit> units = new HashMap<>();

  private BareMachine(Ram ram) {
    this.ram = ram;
    this.bus = new PhysicalBus(ram.map(), pci::windows);
    bus.add(new Window(MessageWindow.BASE, MessageWindow.SIZE_BYTES, messages));
  }

  /// Puts `machine` together. The places of its units count for nothing: they are no PCI functions
  /// here.
  ///
  /// @param folder for disks whose file nobody named
  /// @throws PlatformException if there is not enough memory, or a disk cannot be opened
  public static BareMachine of(MachineDescription machine, Path folder) throws PlatformException {
    BareMachine bare = new BareMachine(Ram.of(machine.memoryBytes()));
    try {
      long base = UNIT_BASE;
      for (UnitDescription unit : machine.units()) {
        base = bare.add(unit, base);
      }
      DeviceMaker maker = new DeviceMaker(folder, Optional.of(bare.clock));
      for (DeviceDescription device : machine.devices()) {
        bare.add(device, maker);
      }
      return bare;
    } catch (PlatformException refused) {
      bare.close();
      throw refused;
    }
  }

  /// @return where the next unit's registers may be
  private long add(UnitDescription description, long base) {
    RemappingUnit unit = new RemappingUnit(description.configuration(), ram.map(), messages);
    units.put(description.id(), unit);
    long sizeBytes = unit.registerWindowBytes();
    long aligned = base + sizeBytes - 1 & -sizeBytes;
    bus.add(new Window(aligned, sizeBytes, new UnitWindow(unit)));
    return aligned + sizeBytes;
  }

  private void add(DeviceDescription description, DeviceMaker maker) throws PlatformException {
    MemoryMap memory = ram.map();
    PciFunction function = maker.make(description, memory);
    RequesterId at = description.at();
    complex.cover(at, units.get(description.unit()));
    complex.plug(at, function);
    function.connect(complex.portOf(at, memory, messages), routing.lineOf(at));
    pci.add(at, function);
  }

  /// The unit called `id`.
  public RemappingUnit unit(String id) {
    return units.get(id);
  }

  @Override
  public void read(long address, byte[] into) {
    bus.read(address, into);
  }

  @Override
  public void write(long address, byte[] from) {
    bus.write(address, MemorySegment.ofArray(from), from.length);
  }

  @Override
  public void fill(long address, long lengthBytes, byte value) {
    byte[] page = new byte[4096];
    Arrays.fill(page, value);
    bus.write(address, MemorySegment.ofArray(page), lengthBytes);
  }

  @Override
  public long read(long address, int widthBytes) {
    return bus.read(address, widthBytes);
  }

  @Override
  public void write(long address, int widthBytes, long value) {
    bus.write(address, widthBytes, value);
  }

  @Override
  public long in(int port, int widthBytes) {
    return ports.read(port, widthBytes);
  }

  @Override
  public void out(int port, int widthBytes, long value) {
    ports.write(port, widthBytes, value);
  }

  @Override
  public VirtualTime time() {
    return clock;
  }

  @Override
  public Optional<InterruptInputs> inputs(String path) {
    return switch (path) {
      case "ioapic" -> Optional.of(ioapic);
      case "msi" -> Optional.of(vectors);
      default -> Optional.empty();
    };
  }

  /// Gives up memory, threads and files.
  @Override
  public void close() {
    pci.close();
    ram.close();
  }
}
