package dev.portcullis.vmm.software;

import dev.portcullis.guest.port.PoweredOffError;
import dev.portcullis.net.Link;
import dev.portcullis.vmm.VmmException;
import dev.portcullis.vmm.VmmException.Reason;
import dev.portcullis.vmm.bridge.Bridge;
import dev.portcullis.vmm.bridge.HostPorts;
import dev.portcullis.vmm.bridge.Port;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// The services partition's own hosts, and the bridge they are plugged into while it runs.
final class OwnHosts implements HostPorts {
  private final Map<String, Link> links = new LinkedHashMap<>();
  private final Map<String, Port> ports = new LinkedHashMap<>();
  private Optional<Bridge> bridge = Optional.empty();

  /// Plugs all in. Hosts come before cards: no card has the name of one.
  synchronized void begin(Bridge with) throws VmmException {
    bridge = Optional.of(with);
    for (Map.Entry<String, Link> one : links.entrySet()) {
      ports.put(one.getKey(), with.add(one.getKey(), one.getValue()));
    }
  }

  /// Pulls all out: their frames go nowhere.
  synchronized void end() {
    bridge.ifPresent(from -> ports.values().forEach(from::remove));
    ports.clear();
    bridge = Optional.empty();
  }

  @Override
  public synchronized void attach(String name, Link link) throws VmmException {
    if (links.containsKey(name)) {
      throw new VmmException(Reason.EXISTS, "the bridge has a host " + name + " already");
    }
    Link lasting = new Lasting(link);
    if (bridge.isPresent()) {
      ports.put(name, bridge.get().add(name, lasting));
    }
    links.put(name, lasting);
  }

  @Override
  public synchronized void detach(String name) {
    links.remove(name);
    Port port = ports.remove(name);
    if (port != null) {
      bridge.ifPresent(from -> from.remove(port));
    }
  }

  /// A link whose host goes on when the bridge loses its power: the frame is lost.
  private record Lasting(Link link) implements Link {
    @Override
    public void connect(Consumer<byte[]> receiver) {
      link.connect(frame -> {
        try {
          receiver.accept(frame);
        } catch (PoweredOffError lost) {
          // So is everything else on the bridge.
        }
      });
    }

    @Override
    public void send(byte[] frame) {
      link.send(frame);
    }
  }
}
