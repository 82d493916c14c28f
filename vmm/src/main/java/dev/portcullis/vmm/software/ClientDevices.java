package dev.portcullis.vmm.software;

import dev.portcullis.guest.block.BlockDevice;
import dev.portcullis.guest.memory.PageAllocator;
import dev.portcullis.guest.nvme.NvmeDriver;
import dev.portcullis.guest.nvme.NvmeException;
import dev.portcullis.guest.pci.PciBus;
import dev.portcullis.guest.pci.PciDevice;
import dev.portcullis.guest.port.GuestMachine;
import dev.portcullis.guest.port.MachineCheckException;
import dev.portcullis.guest.virtio.NetworkDriver;
import dev.portcullis.guest.virtio.VirtioException;
import dev.portcullis.net.host.HostOptions;
import dev.portcullis.net.host.NetworkHost;
import dev.portcullis.net.packet.MacAddress;
import dev.portcullis.vmm.engine.ConsoleLog;
import dev.portcullis.vmm.platform.description.NetworkAddress;
import java.util.List;
import java.util.Optional;

/// The devices that a client drives: the first disk and the first network card that it finds.
final class ClientDevices {
  private final GuestMachine machine;
  private final PciBus bus;
  private final PageAllocator memory;
  private final Optional<NetworkAddress> address;
  private final ConsoleLog console;
  private PciDevice diskAt;
  private PciDevice cardAt;
  private NvmeDriver disk;
  private NetworkDriver card;
  private NetworkHost host;

  ClientDevices(GuestMachine machine, Optional<NetworkAddress> address, ConsoleLog console) {
    this.machine = machine;
    this.bus = new PciBus(machine);
    this.memory = new PageAllocator(machine.ramBytes());
    this.address = address;
    this.console = console;
  }

  GuestMachine machine() {
    return machine;
  }

  PciBus bus() {
    return bus;
  }

  /// Looks at the bus: gives up what is gone, takes what is new.
  synchronized void look() throws InterruptedException {
    List<PciDevice> found = bus.scan();
    if (disk != null && !found.contains(diskAt)) {
      console.line(diskAt + ": the disk is gone");
      disk.close();
      disk = null;
    }
    if (card != null && !found.contains(cardAt)) {
      console.line(cardAt + ": the network card is gone");
      host.close();
      card.close();
      card = null;
    }
    for (PciDevice device : found) {
      take(device);
    }
  }

  private void take(PciDevice device) throws InterruptedException {
    try {
      if (disk == null && device.classCode() == NvmeDriver.CLASS) {
        disk = new NvmeDriver(machine, memory, device);
        diskAt = device;
        console.line("%s: disk of %,d MiB".formatted(device, mebibytes(disk)));
      } else if (card == null && address.isPresent() && device.id() == NetworkDriver.ID) {
        card = new NetworkDriver(machine, memory, device);
        cardAt = device;
        MacAddress mac = mac(card);
        host = NetworkHost.attach(HostOptions.of(mac, address.get().toString()), card);
        console.line("%s: network card %s, %s".formatted(device, mac, address.get()));
      }
    } catch (NvmeException | VirtioException | MachineCheckException e) {
      console.line(e.getMessage());
    }
  }

  private static long mebibytes(BlockDevice disk) {
    return disk.blocks() * disk.blockBytes() >> 20;
  }

  private static MacAddress mac(NetworkDriver card) {
    long bits = 0;
    for (byte b : card.mac()) {
      bits = bits << 8 | b & 0xff;
    }
    return new MacAddress(bits);
  }

  /// Has its host say and hear no more. Reaches for no device.
  synchronized void leaveNetwork() {
    if (host != null) {
      host.close();
    }
  }

  synchronized Optional<BlockDevice> disk() {
    return Optional.ofNullable(disk);
  }

  /// What the disk is called, if there is one.
  synchronized Optional<String> diskName() {
    return disk == null ? Optional.empty() : Optional.of("nvme-" + diskAt);
  }

  synchronized Optional<NetworkHost> host() {
    return card == null ? Optional.empty() : Optional.of(host);
  }
}
