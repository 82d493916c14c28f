package dev.portcullis.vmm.nativeos;

import dev.portcullis.driver.device.Device;
import dev.portcullis.driver.domain.Domain;
import dev.portcullis.driver.domain.PagingDomain;
import dev.portcullis.driver.port.DriverException;
import dev.portcullis.guest.edu.EduDriver;
import dev.portcullis.guest.nvme.NvmeDriver;
import dev.portcullis.guest.nvme.NvmeException;
import dev.portcullis.guest.pci.PciBus;
import dev.portcullis.guest.pci.PciDevice;
import dev.portcullis.guest.pci.PciException;
import dev.portcullis.vmm.engine.embedded.InterruptUnit;
import dev.portcullis.vmm.nativeos.description.NativeDescription.DriverDescription;
import dev.portcullis.vmm.nativeos.dma.RemappedDma;

/// A driver with what is its own: a device, a domain, interrupts, memory.
final class NativeDriver implements AutoCloseable {
  private final DriverDescription description;
  private final Device device;
  private final PagingDomain domain;
  private final RemappedDma dma;
  private final InterruptUnit interrupts;
  private final PciDevice function;
  private final DriverMachine machine;

  /// @param device behind the unit, attached to `domain`
  /// @param dma of `domain`
  NativeDriver(
      DriverDescription description,
      Device device,
      PagingDomain domain,
      RemappedDma dma,
      InterruptUnit interrupts,
      DriverMachine machine) {
    this.description = description;
    this.device = device;
    this.domain = domain;
    this.dma = dma;
    this.interrupts = interrupts;
    this.machine = machine;
    this.function =
        new PciBus(machine)
            .scan().stream()
                .filter(one -> one.at() == description.at().id())
                .findFirst()
                .orElseThrow();
  }

  String name() {
    return description.name();
  }

  DriverDescription description() {
    return description;
  }

  RemappedDma dma() {
    return dma;
  }

  /// Sends what its device asks for through another domain.
  void attach(Domain other) throws DriverException {
    device.attach(other);
  }

  /// Sends what its device asks for through its own domain again.
  void attachToOwn() throws DriverException {
    device.attach(domain);
  }

  /// Has it drive a disk.
  NvmeDriver disk(DriverMemory memory) throws NvmeException, InterruptedException {
    return new NvmeDriver(machine, memory, function);
  }

  /// Has it drive a device that does whatever DMA it is told.
  EduDriver engine() throws PciException {
    return new EduDriver(machine, function);
  }

  @Override
  public void close() {
    interrupts.close();
  }
}
