package dev.portcullis.vmm.iomodel;

import dev.portcullis.devices.block.RamBackend;
import dev.portcullis.devices.disk.VirtioBlock;
import dev.portcullis.devices.net.VirtioNet;
import dev.portcullis.devices.nvme.NvmeController;
import dev.portcullis.devices.nvme.NvmeOptions;
import dev.portcullis.devices.pio.PioDisk;
import dev.portcullis.devices.pio.PioNic;
import dev.portcullis.driver.device.DeviceFeatures;
import dev.portcullis.driver.port.DriverException;
import dev.portcullis.driver.table.Rights;
import dev.portcullis.machine.PlatformException;
import dev.portcullis.machine.chassis.HostMemory;
import dev.portcullis.machine.wiring.RootComplex;
import dev.portcullis.pci.IntxLine;
import dev.portcullis.pci.PciFunction;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.unit.RemappingUnit;
import dev.portcullis.vmm.VmmException;
import dev.portcullis.vmm.assign.AssignedFunction;
import dev.portcullis.vmm.assign.Assignment;
import dev.portcullis.vmm.assign.HostFunction;
import dev.portcullis.vmm.engine.embedded.EmbeddedEngine;
import dev.portcullis.vmm.engine.embedded.InterruptUnit;
import dev.portcullis.vmm.engine.embedded.InterruptUnit.Posting;
import dev.portcullis.vmm.engine.embedded.Software;
import dev.portcullis.vmm.interrupt.InterruptRouter;
import dev.portcullis.vmm.iomodel.Measurement.Toll;
import dev.portcullis.vmm.memory.PageRange;
import dev.portcullis.vmm.partition.Partition;
import dev.portcullis.vmm.platform.Monitor;
import dev.portcullis.vmm.platform.PartitionPort;
import dev.portcullis.vmm.platform.description.PlatformDescription;
import java.util.Optional;

/// A machine with a monitor and one partition, which has one device in one of the models.
///
/// ```
///              partition                      partition                    partition
///  emulated       │ registers   paravirtual      │ doorbell  ▲ memory   direct  │      ▲ memory
///              monitor, PIO device            monitor, virtio device           device ─┴─ unit
/// ```
final class Bench implements AutoCloseable {
  private static final RequesterId AT = RequesterId.of(3 << 3);
  private static final long MAC = 0x0270_6300_0003L;
  static final String NAME = "guest";

  private final HostMemory memory;
  private final InterruptRouter router = new InterruptRouter();
  private final RemappingUnit unit;
  private final Monitor.Started monitor;
  private final Partition partition;
  private final InterruptUnit interrupts;
  private final EmbeddedEngine engine;
  private final Tally tally = new Tally();
  private final PciFunction function;

  /// What only a function that is not played by the monitor has.
  private Optional<AssignedFunction> assigned = Optional.empty();

  /// @param description memory, the unit, how much of it all the partition has
  Bench(PlatformDescription description, IoDevice device, IoModel model, Software software)
      throws PlatformException {
    long bytes = description.partitions().getFirst().memoryBytes();
    memory = HostMemory.of(description.machine().memoryBytes());
    try {
      unit =
          new RemappingUnit(
              description.machine().units().getFirst().configuration(), memory.map(), router);
      monitor = Monitor.start(description, memory, unit);
      partition = monitor.lvmm().create(NAME, bytes);
      partition.map(new PageRange(0, bytes), partition.window().first(), Rights.READ_WRITE);
      interrupts = interrupts();
      engine = new EmbeddedEngine(NAME, partition.processors(), bytes, interrupts, software);
      function = function(device, model);
      plug(model);
    } catch (VmmException | DriverException | PlatformException e) {
      memory.close();
      throw new PlatformException(e.getMessage(), e);
    }
  }

  private InterruptUnit interrupts() throws DriverException {
    return new InterruptUnit(
        NAME,
        router,
        monitor.driver().interrupts(),
        monitor.driver().traits().has(Feature.POSTED_INTERRUPTS)
            ? Posting.OFFERED
            : Posting.ABSENT);
  }

  /// The disks are of the same kind of memory, the cards on the same kind of wire.
  private static PciFunction function(IoDevice device, IoModel model) {
    return switch (device) {
      case DISK -> {
        RamBackend bytes = new RamBackend(DiskTrial.DISK_BYTES);
        yield switch (model) {
          case EMULATED -> new PioDisk(bytes);
          case PARAVIRTUAL -> new VirtioBlock("PORTCULLIS", bytes);
          case DIRECT -> new NvmeController(NvmeOptions.of("PORTCULLIS"), bytes);
        };
      }
      case NETWORK ->
          model == IoModel.EMULATED
              ? new PioNic(MAC, new EchoWire())
              : new VirtioNet(MAC, new EchoWire());
    };
  }

  private void plug(IoModel model) throws VmmException {
    switch (model) {
      case EMULATED -> play(PlayedFunction.Registers.DATA);
      case PARAVIRTUAL -> play(PlayedFunction.Registers.CONTROL);
      case DIRECT -> assign();
    }
  }

  private void play(PlayedFunction.Registers registers) {
    PartitionPort port = new PartitionPort(partition.played(), interrupts);
    function.connect(new CountedPort(port, tally), IntxLine.unconnected());
    engine.plug(AT, new PlayedFunction(function, tally, registers));
  }

  private void assign() throws VmmException {
    RootComplex complex = new RootComplex();
    complex.cover(AT, unit);
    complex.plug(AT, function);
    function.connect(complex.portOf(AT, memory.map(), router), IntxLine.unconnected());
    Assignment assignment =
        monitor.lvmm().assignments().assign(new Assignable(function), partition);
    AssignedFunction shown =
        new AssignedFunction(
            AT,
            function,
            assignment.interrupts(),
            interrupts,
            failure -> {
              throw new IllegalStateException("the unit fails", failure);
            });
    assigned = Optional.of(shown);
    engine.plug(AT, shown);
  }

  private record Assignable(PciFunction function) implements HostFunction {
    @Override
    public RequesterId at() {
      return AT;
    }

    @Override
    public DeviceFeatures features() {
      return DeviceFeatures.NONE;
    }

    @Override
    public int messages() {
      return AssignedFunction.messages(function);
    }

    @Override
    public void reset() {
      function.reset();
    }
  }

  EmbeddedEngine engine() {
    return engine;
  }

  /// What the monitor has done until now.
  Toll toll() {
    Toll played = tally.toll();
    long intercepted = assigned.map(AssignedFunction::interceptions).orElse(0L);
    return new Toll(played.traps() + intercepted, played.copiedBytes(), played.interrupts());
  }

  /// Requests that have entered the unit until now.
  long dmaRequests() {
    return unit.statistics().requests();
  }

  @Override
  public void close() {
    engine.kill();
    function.reset();
    engine.close();
    function.close();
    memory.close();
  }
}
