package dev.portcullis.vmm.software;

import dev.portcullis.guest.memory.PageAllocator;
import dev.portcullis.guest.pci.PciBus;
import dev.portcullis.guest.pci.PciDevice;
import dev.portcullis.guest.port.GuestMachine;
import dev.portcullis.guest.virtio.NetworkDriver;
import dev.portcullis.guest.virtio.VirtioException;
import dev.portcullis.vmm.VmmException;
import dev.portcullis.vmm.bridge.Bridge;
import dev.portcullis.vmm.bridge.Port;
import dev.portcullis.vmm.engine.ConsoleLog;
import dev.portcullis.vmm.engine.embedded.Software;
import dev.portcullis.vmm.platform.description.PlatformDescription.RulesText;
import java.util.LinkedHashMap;
import java.util.List;
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
      throws VirtioException, VmmException, InterruptedException {
    try {
      work(machine, console);
    } finally {
      shutdown.clear();
    }
  }

  private void work(GuestMachine machine, ConsoleLog console)
      throws VirtioException, VmmException, InterruptedException {
    PciBus bus = new PciBus(machine);
    PageAllocator memory = new PageAllocator(machine.ramBytes());
    Bridge bridge = new Bridge(OpenInspector.INSTANCE);
    Map<PciDevice, Card> cards = new LinkedHashMap<>();
    do {
      List<PciDevice> found = bus.scan();
      cards.keySet().removeIf(device -> !found.contains(device) && unplug(bridge, cards, device));
      for (PciDevice device : found) {
        if (device.id() == NetworkDriver.ID && !cards.containsKey(device)) {
          cards.put(device, plug(bridge, new NetworkDriver(machine, memory, device), device));
          console.line(device + ": network card");
        }
      }
    } while (shutdown.awaitChange());
  }

  /// A card, and where it is plugged into the bridge.
  private record Card(NetworkDriver driver, Port port) {}

  private static Card plug(Bridge bridge, NetworkDriver driver, PciDevice device)
      throws VmmException {
    return new Card(driver, bridge.add("eth" + device.at(), driver));
  }

  private static boolean unplug(Bridge bridge, Map<PciDevice, Card> cards, PciDevice device) {
    Card gone = cards.get(device);
    bridge.remove(gone.port);
    gone.driver.close();
    return true;
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
