package dev.portcullis.vmm.software;

import dev.portcullis.guest.memory.PageAllocator;
import dev.portcullis.guest.pci.PciBus;
import dev.portcullis.guest.pci.PciDevice;
import dev.portcullis.guest.port.GuestMachine;
import dev.portcullis.guest.port.MachineCheckException;
import dev.portcullis.guest.virtio.NetworkDriver;
import dev.portcullis.guest.virtio.VirtioException;
import dev.portcullis.net.pcapng.CaptureFiles.Room;
import dev.portcullis.vmm.VmmException;
import dev.portcullis.vmm.bridge.Bridge;
import dev.portcullis.vmm.bridge.HostPorts;
import dev.portcullis.vmm.bridge.Port;
import dev.portcullis.vmm.engine.ConsoleLog;
import dev.portcullis.vmm.engine.embedded.Software;
import dev.portcullis.vmm.filter.rule.Ruleset;
import dev.portcullis.vmm.filter.rule.RulesetException;
import dev.portcullis.vmm.filter.run.Established;
import dev.portcullis.vmm.filter.run.Firewall;
import dev.portcullis.vmm.filter.run.LogEntry;
import dev.portcullis.vmm.filter.run.Restrictions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// The software of the services partition: drives every network card it finds, and forwards between
/// them what its rules let pass.
public final class BridgeSoftware implements Software {
  private final Ruleset first;
  private final Firewall firewall = new Firewall(this::log);
  private final Restrictions restrictions;
  private final Map<Integer, String> portNames;
  private final Optional<Path> captures;
  private final Shutdown shutdown = new Shutdown();
  private final OwnHosts hosts = new OwnHosts();
  private volatile Optional<Bridge> running = Optional.empty();
  private volatile Optional<ConsoleLog> console = Optional.empty();

  /// @param rules at first; everything passes without
  /// @param portNames what rules and captures call the card at a place of the bus
  /// @param captures folder for what comes and goes; nothing is captured without
  /// @param closed ports that nothing passes until somebody says what may
  public BridgeSoftware(
      Optional<Ruleset> rules,
      Map<Integer, String> portNames,
      Optional<Path> captures,
      Set<String> closed) {
    this.restrictions = new Restrictions(firewall, closed, this::log);
    this.first = rules.orElseGet(Ruleset::acceptAll);
    this.portNames = new ConcurrentHashMap<>(portNames);
    this.captures = captures;
  }

  @Override
  public void run(GuestMachine machine, ConsoleLog console)
      throws RulesetException, VmmException, InterruptedException {
    // Rules that were loaded outlive a restart; connections do not.
    firewall.load(firewall.ruleset().orElse(first), Established.CUT);
    this.console = Optional.of(console);
    Bridge bridge = new Bridge(restrictions);
    running = Optional.of(bridge);
    try {
      hosts.begin(bridge);
      new Cards(machine, bridge, console).work();
    } finally {
      hosts.end();
      running = Optional.empty();
      shutdown.clear();
    }
  }

  /// Calls the card that is to come at `place` of the bus `port`.
  public void expect(int place, String port) {
    portNames.put(place, port);
  }

  /// The bridge, while it runs.
  public Optional<Bridge> bridge() {
    return running;
  }

  /// Ports for hosts that are neither a partition's nor behind a card.
  public HostPorts hosts() {
    return hosts;
  }

  /// What judges its frames. Other rules may be loaded at any time; they outlive a restart.
  public Firewall firewall() {
    return firewall;
  }

  /// What single ports' frames have to pass besides; these outlive a restart, too.
  public Restrictions restrictions() {
    return restrictions;
  }

  private void log(LogEntry entry) {
    console.ifPresent(to -> to.line(entry.toString()));
  }

  /// The cards it drives.
  private final class Cards {
    private final GuestMachine machine;
    private final Bridge bridge;
    private final ConsoleLog console;
    private final PciBus bus;
    private final PageAllocator memory;
    private final Map<PciDevice, Card> cards = new LinkedHashMap<>();

    private Cards(GuestMachine machine, Bridge bridge, ConsoleLog console) {
      this.machine = machine;
      this.bridge = bridge;
      this.console = console;
      this.bus = new PciBus(machine);
      this.memory = new PageAllocator(machine.ramBytes());
    }

    private record Card(NetworkDriver driver, Port port) {}

    private void work() throws InterruptedException {
      do {
        List<PciDevice> found = bus.scan();
        for (PciDevice device : List.copyOf(cards.keySet())) {
          if (!found.contains(device)) {
            unplug(device);
          }
        }
        for (PciDevice device : found) {
          if (device.id() == NetworkDriver.ID && !cards.containsKey(device)) {
            plug(device);
          }
        }
      } while (shutdown.awaitChange());
    }

    private void plug(PciDevice device) {
      try {
        NetworkDriver driver = new NetworkDriver(machine, memory, device);
        String name = portNames.getOrDefault(device.at(), "eth" + device.at());
        Port port = bridge.add(name, driver);
        cards.put(device, new Card(driver, port));
        if (captures.isPresent()) {
          Files.createDirectories(captures.get());
          port.startCapture(captures.get(), Room.USUAL);
        }
        console.line("%s: network card, port %s".formatted(device, name));
      } catch (VirtioException | VmmException | MachineCheckException | IOException e) {
        console.line("%s: %s".formatted(device, e.getMessage()));
      }
    }

    private void unplug(PciDevice device) {
      Card gone = cards.remove(device);
      bridge.remove(gone.port);
      gone.driver.close();
      console.line("%s: the network card is gone".formatted(device));
    }
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
