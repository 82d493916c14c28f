package dev.portcullis.vmm.nativeos;

import dev.portcullis.driver.DriverOptions;
import dev.portcullis.driver.RemappingDriver;
import dev.portcullis.driver.device.Device;
import dev.portcullis.driver.device.DeviceFeatures;
import dev.portcullis.driver.domain.PagingDomain;
import dev.portcullis.driver.fault.FaultRecord;
import dev.portcullis.driver.interrupt.InterruptBlock;
import dev.portcullis.driver.interrupt.InterruptOptions;
import dev.portcullis.driver.interrupt.InterruptOptions.Apics;
import dev.portcullis.driver.interrupt.InterruptOptions.Compatibility;
import dev.portcullis.driver.port.DriverException;
import dev.portcullis.driver.port.MappedTableMemory;
import dev.portcullis.driver.port.PageAllocator;
import dev.portcullis.driver.port.PagePool;
import dev.portcullis.driver.port.Platform;
import dev.portcullis.machine.DeviceMaker;
import dev.portcullis.machine.PlatformException;
import dev.portcullis.machine.chassis.Chassis;
import dev.portcullis.machine.chassis.HostMemory;
import dev.portcullis.pci.IntxLine;
import dev.portcullis.pci.PciFunction;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.unit.RemappingUnit;
import dev.portcullis.vmm.assign.AssignedFunction;
import dev.portcullis.vmm.engine.embedded.InterruptUnit;
import dev.portcullis.vmm.engine.embedded.InterruptUnit.Posting;
import dev.portcullis.vmm.interrupt.InterruptRouter;
import dev.portcullis.vmm.nativeos.description.NativeDescription;
import dev.portcullis.vmm.nativeos.description.NativeDescription.DriverDescription;
import dev.portcullis.vmm.nativeos.dma.Explanation;
import dev.portcullis.vmm.nativeos.dma.RemappedDma;
import dev.portcullis.vmm.platform.UnitRegisterPort;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/// The operating system at work.
///
/// ```
///   0      2 MiB     10 MiB                end        4 GiB
///   +------+---------+---------------------+    …     +--------------+
///   | low  | tables  | low memory          |          | high memory  |
///   +------+---------+---------------------+          +--------------+
/// ```
public final class NativeSystem implements AutoCloseable {
  private static final int PAGE = PageAllocator.PAGE_BYTES;
  private static final long TABLES = 2 << 20;
  private static final long TABLES_END = 10 << 20;
  private static final int INTERRUPT_ENTRIES_LOG2 = 10;

  /// A device that makes faults without end fills no memory.
  private static final int MOST_FINDINGS = 1_000;

  private final NativeDescription description;
  private final Consumer<String> listener;
  private final InterruptRouter router = new InterruptRouter();
  private final HostMemory memory;
  private final PagePool lowPages;
  private final PagePool highPages;
  private final Chassis chassis;
  private final RemappingDriver driver;
  private final FaultReader faults;
  private final Map<String, NativeDriver> drivers = new LinkedHashMap<>();
  private final List<Finding> findings = new CopyOnWriteArrayList<>();
  private final LongAdder moreFindings = new LongAdder();

  private NativeSystem(NativeDescription description, Path folder, Consumer<String> listener)
      throws PlatformException {
    this.description = description;
    this.listener = listener;
    long lowBytes = description.machine().memoryBytes();
    this.memory = HostMemory.of(lowBytes, description.highBytes());
    this.lowPages = new PagePool(TABLES_END, (int) ((lowBytes - TABLES_END) / PAGE));
    this.highPages = new PagePool(HostMemory.HIGH, (int) (description.highBytes() / PAGE));
    try {
      this.chassis =
          Chassis.of(
              description.machine(),
              memory.map(),
              router,
              new DeviceMaker(folder, Optional.empty()),
              at -> IntxLine.unconnected());
    } catch (PlatformException e) {
      memory.close();
      throw e;
    }
    try {
      this.driver = drive();
      this.faults = new FaultReader(driver, router, this::explain, listener);
    } catch (DriverException e) {
      chassis.close();
      memory.close();
      throw new PlatformException("the system cannot start: " + e.getMessage(), e);
    }
  }

  private RemappingDriver drive() throws DriverException {
    RemappingUnit unit = unit();
    Platform platform =
        new Platform(
            new UnitRegisterPort(unit),
            new MappedTableMemory(memory.map(), unit::flushed),
            new PagePool(TABLES, (int) ((TABLES_END - TABLES) / PAGE)),
            description
                .machine()
                .units()
                .getFirst()
                .configuration()
                .capabilities()
                .hostAddressBits());
    return RemappingDriver.start(
        platform,
        DriverOptions.DEFAULT.remapping(
            new InterruptOptions(INTERRUPT_ENTRIES_LOG2, Apics.XAPIC, Compatibility.REFUSED)));
  }

  /// Puts the machine together, and starts the system with its drivers.
  ///
  /// @param folder for disks whose file nobody named
  /// @param listener told what happens, on any thread; must not wait for the system
  /// @throws PlatformException if something of it cannot be had
  public static NativeSystem start(
      NativeDescription description, Path folder, Consumer<String> listener)
      throws PlatformException {
    NativeSystem system = new NativeSystem(description, folder, listener);
    try {
      for (DriverDescription one : description.drivers()) {
        system.load(one);
      }
      return system;
    } catch (DriverException e) {
      system.close();
      throw new PlatformException("a driver cannot be loaded: " + e.getMessage(), e);
    }
  }

  /// Gives a driver its device, with a domain in which nothing is mapped.
  private void load(DriverDescription wanted) throws DriverException {
    PciFunction function = functionOf(wanted);
    Device device = driver.device(wanted.at().id(), DeviceFeatures.NONE);
    PagingDomain domain = driver.domains().paging();
    RemappedDma dma = new RemappedDma(domain, wanted.addressBits());
    device.attach(domain);
    InterruptUnit interrupts =
        new InterruptUnit(
            wanted.name(),
            router,
            driver.interrupts(),
            driver.traits().has(Feature.POSTED_INTERRUPTS) ? Posting.OFFERED : Posting.ABSENT);
    AssignedFunction shown =
        new AssignedFunction(
            wanted.at(),
            function,
            interruptsFor(function),
            interrupts,
            e -> listener.accept(wanted.name() + ": " + e.getMessage()));
    DriverMachine machine =
        new DriverMachine(drivers.size(), memory, dma.ledger(), interrupts, wanted.at(), shown);
    drivers.put(wanted.name(), new NativeDriver(wanted, device, domain, dma, interrupts, machine));
  }

  private PciFunction functionOf(DriverDescription wanted) {
    return chassis.slots().stream()
        .filter(slot -> slot.at().equals(wanted.at()))
        .findFirst()
        .orElseThrow()
        .function();
  }

  private Optional<InterruptBlock> interruptsFor(PciFunction function) throws DriverException {
    int messages = AssignedFunction.messages(function);
    return messages == 0
        ? Optional.empty()
        : Optional.of(
            driver.interrupts().orElseThrow().allocate(Integer.highestOneBit(2 * messages - 1)));
  }

  /// What a refused access has to do with what its driver was allowed. Devices without a driver
  /// have been allowed nothing.
  private void explain(FaultRecord record) {
    Optional<NativeDriver> whose =
        drivers.values().stream()
            .filter(one -> one.description().at().id() == record.sourceId())
            .findFirst();
    if (whose.isEmpty() || record.isInterrupt()) {
      listener.accept("refused: " + record);
      return;
    }
    Explanation why = whose.get().dma().ledger().explain(record.address(), record.type());
    Finding finding =
        new Finding(whose.get().name(), whose.get().description().deviceName(), record, why);
    if (findings.size() < MOST_FINDINGS) {
      findings.add(finding);
      listener.accept(finding.toString());
    } else {
      if (moreFindings.sum() == 0) {
        listener.accept("%,d findings: more are only counted".formatted(MOST_FINDINGS));
      }
      moreFindings.increment();
    }
  }

  /// What was found until now; grows.
  public List<Finding> findings() {
    return findings;
  }

  /// How many were found beside [#findings], when those were as many as are kept.
  public long moreFindings() {
    return moreFindings.sum();
  }

  /// Has what was refused until now explained before it returns.
  public void readFaults() {
    faults.read();
  }

  /// What it was made from.
  public NativeDescription description() {
    return description;
  }

  /// Physical memory.
  public HostMemory memory() {
    return memory;
  }

  /// The driver called `name`, which there is.
  NativeDriver driver(String name) {
    return drivers.get(name);
  }

  /// Who drives the unit.
  RemappingDriver remapping() {
    return driver;
  }

  /// Free memory below 4 GiB.
  PagePool lowPages() {
    return lowPages;
  }

  /// Free memory: above 4 GiB if there is some, as old devices want the other.
  PagePool pages() {
    return description.highBytes() > 0 ? highPages : lowPages;
  }

  private RemappingUnit unit() {
    return chassis.unit(description.machine().units().getFirst().id());
  }

  /// Switches everything off.
  @Override
  public void close() {
    faults.close();
    chassis.slots().forEach(slot -> slot.function().reset());
    new ArrayList<>(drivers.values()).forEach(NativeDriver::close);
    chassis.close();
    memory.close();
  }
}
