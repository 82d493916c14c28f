package dev.portcullis.machine;

import dev.portcullis.devices.dma.DmaEngine;
import dev.portcullis.devices.edu.DmaTimer;
import dev.portcullis.devices.edu.EduDevice;
import dev.portcullis.devices.net.SharedCard;
import dev.portcullis.devices.net.VirtioNet;
import dev.portcullis.devices.net.VirtualPort;
import dev.portcullis.devices.nvme.NvmeController;
import dev.portcullis.devices.nvme.NvmeOptions;
import dev.portcullis.devices.nvme.NvmeOptions.Translations;
import dev.portcullis.devices.testdev.IommuTestDevice;
import dev.portcullis.machine.description.DeviceDescription;
import dev.portcullis.machine.description.MachineDescription;
import dev.portcullis.memory.MemoryMap;
import dev.portcullis.net.Link;
import dev.portcullis.pci.AccessControl;
import dev.portcullis.pci.PciFunction;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Makes the devices that the description of one machine names.
public final class DeviceMaker {
  private final Disks disks;
  private final Optional<DmaTimer> clock;
  private final WireMaker wires = new WireMaker();

  /// @param folder for disks whose file nobody named
  /// @param clock what devices go by that take their time; if absent they are as fast as they can
  public DeviceMaker(Path folder, Optional<DmaTimer> clock) {
    this.disks = new Disks(folder);
    this.clock = clock;
  }

  /// The device as a part of `machine`, plugged in nowhere yet.
  ///
  /// @param memory physical memory as the device's place shows it, past any unit
  /// @throws PlatformException if its disk cannot be opened
  public PciFunction make(
      MachineDescription machine, DeviceDescription description, MemoryMap memory)
      throws PlatformException {
    PciFunction function = make(description, memory);
    if (machine.topology().acs().contains(description.at())) {
      function.add(new AccessControl());
    }
    if (machine.hasMoreFunctions(description.at())) {
      function.announceMoreFunctions();
    }
    return function;
  }

  private PciFunction make(DeviceDescription description, MemoryMap memory)
      throws PlatformException {
    return switch (description) {
      case DeviceDescription.Nvme nvme -> nvme(nvme);
      case DeviceDescription.Edu edu ->
          clock
              .map(timer -> new EduDevice(edu.dmaMask(), timer))
              .orElseGet(() -> new EduDevice(edu.dmaMask()));
      case DeviceDescription.DmaEngine engine -> new DmaEngine(engine.channels());
      case DeviceDescription.VirtioNet card -> card(card);
      case DeviceDescription.IommuTestdev _ -> new IommuTestDevice(memory::read);
    };
  }

  private PciFunction card(DeviceDescription.VirtioNet card) throws PlatformException {
    Link wire = wires.make(card.at(), card.wire());
    if (card.virtualFunctions() == 0) {
      return new VirtioNet(card.mac(), card.queuePairs(), wire);
    }
    List<VirtualPort> ports = SharedCard.ports(card.mac(), card.virtualFunctions());
    return new SharedCard(card.mac(), card.queuePairs(), ports, wire).physical();
  }

  /// Two disks of a machine must differ in their serial numbers, which software names them by.
  private NvmeController nvme(DeviceDescription.Nvme description) throws PlatformException {
    NvmeOptions options =
        NvmeOptions.of("PORTCULLIS-" + description.at().toString().replace(':', '-'))
            .withQueuePairs(description.queuePairs())
            .withMessages(description.messages())
            .withTranslations(
                description.deviceTlb() ? Translations.CACHED : Translations.UPSTREAM);
    return new NvmeController(options, disks.open(description.at(), description.backing()));
  }
}
