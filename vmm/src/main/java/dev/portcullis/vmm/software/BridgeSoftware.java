package dev.portcullis.vmm.software;

import dev.portcullis.guest.memory.PageAllocator;
import dev.portcullis.guest.pci.PciBus;
import dev.portcullis.guest.pci.PciDevice;
import dev.portcullis.guest.port.GuestMachine;
import dev.portcullis.guest.virtio.NetworkDriver;
import dev.portcullis.guest.virtio.VirtioException;
import dev.portcullis.vmm.engine.ConsoleLog;
import dev.portcullis.vmm.engine.embedded.Software;
import dev.portcullis.vmm.platform.description.PlatformDescription.RulesText;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// The software of the services partition: drives every network card it finds, and forwards between
/// them.
public final class BridgeSoftware implements Software {
  private final Optional<RulesText> rules;
  private final Shutdown shutdown = new Shutdown();

  public BridgeSoftware(Optional<RulesText> rules) {
    this.rules = rules;
  }

  @Override
  public void run(GuestMachine machine, ConsoleLog console)
      throws VirtioException, InterruptedException {
    shutdown.clear();
    PciBus bus = new PciBus(machine);
    PageAllocator memory = new PageAllocator(machine.ramBytes());
    Map<Integer, NetworkDriver> cards = new LinkedHashMap<>();
    do {
      bus.scan();
      for (PciDevice device : bus.find(NetworkDriver.ID)) {
        if (!cards.containsKey(device.at())) {
          cards.put(device.at(), new NetworkDriver(machine, memory, device));
          console.line(device + ": network card");
        }
      }
    } while (shutdown.awaitChange());
  }

  @Override
  public void functionsChanged() {
    shutdown.change();
  }

  @Override
  public void powerButton() {
    shutdown.press();
  }
}
