package dev.portcullis.vmm.platform;

import dev.portcullis.driver.DriverOptions;
import dev.portcullis.driver.RemappingDriver;
import dev.portcullis.driver.device.DeviceFeatures;
import dev.portcullis.driver.domain.PagingDomain;
import dev.portcullis.driver.interrupt.InterruptOptions;
import dev.portcullis.driver.interrupt.InterruptOptions.Apics;
import dev.portcullis.driver.interrupt.InterruptOptions.Compatibility;
import dev.portcullis.driver.port.DriverException;
import dev.portcullis.driver.port.MappedTableMemory;
import dev.portcullis.driver.port.PagePool;
import dev.portcullis.driver.port.Patience;
import dev.portcullis.driver.port.Platform;
import dev.portcullis.driver.table.Rights;
import dev.portcullis.machine.PlatformException;
import dev.portcullis.machine.chassis.HostMemory;
import dev.portcullis.machine.description.ReservedMemory;
import dev.portcullis.machine.description.Topology;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.unit.RemappingUnit;
import dev.portcullis.vmm.Lvmm;
import dev.portcullis.vmm.VmmException;
import dev.portcullis.vmm.memory.Owner;
import dev.portcullis.vmm.memory.PageRange;
import dev.portcullis.vmm.memory.PhysicalMemory;
import dev.portcullis.vmm.platform.description.PlatformDescription;
import java.util.Map;

/// Brings the monitor up on a machine: takes the memory that is its own and the firmware's, and has
/// the unit translate with tables in it.
///
/// ```
///   0      2 MiB                                    monitor        firmware
///   +------+----------------------------------------+--------------+----------+
///   | low  | windows of partitions, shared memory   | tables, own  | its own  |
///   +------+----------------------------------------+--------------+----------+
/// ```
public final class Monitor {
  private static final int INTERRUPT_ENTRIES_LOG2 = 10;
  private static final int PATIENCE_SECONDS = 10;

  /// Of the monitor's memory, the part in front is no tables': its code and data would be there.
  private static final long OTHER_THAN_TABLES_BYTES = 1 << 20;

  private Monitor() {}

  /// The monitor over `unit`, with no partitions.
  ///
  /// @throws PlatformException if the unit cannot be driven
  public static Started start(
      PlatformDescription description, HostMemory memory, RemappingUnit unit)
      throws PlatformException {
    PageRange firmware =
        new PageRange(memory.bytes() - description.firmwareBytes(), description.firmwareBytes());
    PageRange own =
        new PageRange(firmware.first() - description.monitorBytes(), description.monitorBytes());
    PhysicalMemory physical = new PhysicalMemory(new PageRange(0, memory.bytes()));
    try {
      physical.take(
          new PageRange(0, PlatformDescription.LOW_BYTES),
          new Owner.Reserved("the firmware: low memory"));
      physical.take(firmware, new Owner.Reserved("the firmware"));
      physical.take(own, new Owner.Reserved("the monitor"));
      RemappingDriver driver = drive(description, memory, unit, own);
      admitFirmware(driver, description.machine().topology());
      return new Started(driver, new Lvmm(driver, memory.map(), physical), firmware, own);
    } catch (VmmException | DriverException e) {
      throw new PlatformException("the monitor cannot start: " + e.getMessage(), e);
    }
  }

  /// The monitor at work.
  ///
  /// @param firmware memory of the firmware
  /// @param own memory of the monitor
  public record Started(RemappingDriver driver, Lvmm lvmm, PageRange firmware, PageRange own) {}

  /// Devices that the firmware uses reach the memory it has reserved for them, one to one, and
  /// nothing else.
  private static void admitFirmware(RemappingDriver driver, Topology topology)
      throws DriverException {
    for (Map.Entry<RequesterId, ReservedMemory> entry : topology.reserved().entrySet()) {
      ReservedMemory reserved = entry.getValue();
      PagingDomain domain = driver.domains().paging();
      domain.map(reserved.first(), reserved.first(), reserved.bytes(), Rights.READ_WRITE);
      RequesterId requester = topology.requesterOf(entry.getKey());
      driver.device(requester.id(), DeviceFeatures.NONE).attach(domain);
    }
  }

  private static RemappingDriver drive(
      PlatformDescription description, HostMemory memory, RemappingUnit unit, PageRange own)
      throws DriverException {
    long tables = own.first() + OTHER_THAN_TABLES_BYTES;
    PagePool pages = new PagePool(tables, (int) ((own.end() - tables) / PageRange.PAGE_BYTES));
    Platform platform =
        new Platform(
            new UnitRegisterPort(unit),
            new MappedTableMemory(memory.map(), unit::flushed),
            pages,
            description
                .machine()
                .units()
                .getFirst()
                .configuration()
                .capabilities()
                .hostAddressBits(),
            Patience.ofSeconds(PATIENCE_SECONDS));
    InterruptOptions interrupts =
        new InterruptOptions(INTERRUPT_ENTRIES_LOG2, Apics.XAPIC, Compatibility.REFUSED);
    return RemappingDriver.start(platform, DriverOptions.DEFAULT.remapping(interrupts));
  }
}
