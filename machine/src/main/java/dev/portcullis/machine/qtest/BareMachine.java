package dev.portcullis.machine.qtest;

import dev.portcullis.machine.DeviceMaker;
import dev.portcullis.machine.OutsideSoftware;
import dev.portcullis.machine.PlatformException;
import dev.portcullis.machine.bus.InputPins;
import dev.portcullis.machine.bus.MessageWindow;
import dev.portcullis.machine.bus.PciBus;
import dev.portcullis.machine.bus.PhysicalBus;
import dev.portcullis.machine.bus.PinRouting;
import dev.portcullis.machine.bus.Ports;
import dev.portcullis.machine.bus.UnitWindow;
import dev.portcullis.machine.bus.Window;
import dev.portcullis.machine.chassis.Chassis;
import dev.portcullis.machine.description.MachineDescription;
import dev.portcullis.machine.description.UnitDescription;
import dev.portcullis.qtest.server.InterruptInputs;
import dev.portcullis.qtest.server.QtestMachine;
import dev.portcullis.qtest.server.VirtualTime;
import dev.portcullis.unit.RemappingUnit;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Arrays;
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
public final class BareMachine implements QtestMachine, Chassis.Observer, AutoCloseable {
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
  private final Chassis chassis;
  private final PhysicalBus bus;

  private BareMachine(Ram ram, MachineDescription machine, Path folder) throws PlatformException {
    this.ram = ram;
    this.bus = new PhysicalBus(ram.map(), pci::windows);
    bus.add(new Window(MessageWindow.BASE, MessageWindow.SIZE_BYTES, messages));
    DeviceMaker maker = new DeviceMaker(folder, Optional.of(clock));
    this.chassis = Chassis.of(machine, ram.map(), messages, maker, routing::lineOf);
  }

  /// Puts `machine` together. The places of its units count for nothing: they are no PCI functions
  /// here.
  ///
  /// @param folder for disks whose file nobody named
  /// @throws PlatformException if there is not enough memory, a disk cannot be opened, or a unit
  ///   waits for flushes
  public static BareMachine of(MachineDescription machine, Path folder) throws PlatformException {
    OutsideSoftware.check(machine);
    Ram ram = Ram.of(machine.memoryBytes());
    try {
      BareMachine bare = new BareMachine(ram, machine, folder);
      long base = UNIT_BASE;
      for (UnitDescription unit : machine.units()) {
        base = bare.show(bare.unit(unit.id()), base);
      }
      bare.chassis.slots().forEach(bare::appeared);
      bare.chassis.observe(bare);
      return bare;
    } catch (PlatformException refused) {
      ram.close();
      throw refused;
    }
  }

  @Override
  public void appeared(Chassis.Slot slot) {
    pci.add(slot.at(), slot.onBus());
  }

  @Override
  public void vanished(Chassis.Slot slot) {
    pci.remove(slot.at());
  }

  /// @return where the next unit's registers may be
  private long show(RemappingUnit unit, long base) {
    long sizeBytes = unit.registerWindowBytes();
    long aligned = base + sizeBytes - 1 & -sizeBytes;
    bus.add(new Window(aligned, sizeBytes, new UnitWindow(unit)));
    return aligned + sizeBytes;
  }

  /// The unit called `id`.
  public RemappingUnit unit(String id) {
    return chassis.unit(id);
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
    chassis.close();
    ram.close();
  }
}
