package dev.portcullis.vmm.bridge;

import dev.portcullis.net.Link;
import dev.portcullis.net.packet.EtherType;
import dev.portcullis.net.packet.Packet;
import dev.portcullis.vmm.VmmException;
import dev.portcullis.vmm.VmmException.Reason;
import dev.portcullis.vmm.bridge.Port.Role;
import dev.portcullis.vmm.filter.Inspection;
import dev.portcullis.vmm.filter.Inspector;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// Carries frames between links: learns which station is behind which port, keeps virtual LANs
/// apart, and lets pass what its [Inspector] lets pass.
///
/// A frame is forwarded on the thread that brings it; threads of different ports share no lock.
/// Ports come and go at any time. Two bridges that are connected twice are a loop, as anywhere:
/// there is no spanning tree. A loop within one thread ends, see [DropReason#STORM].
public final class Bridge {
  /// An address for the two ends of a wire is this, but for its lowest four bits.
  private static final long LINK_LOCAL = 0x0180_c200_0000L;

  private static final long GROUP = 1L << 40;
  private static final Port[] NO_PORTS = {};
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,30}");

  /// What may be chosen.
  ///
  /// @param ageing how long a station is known that says nothing
  /// @param stationsPerPort how many stations of a port are known at most
  /// @param frameBytes the longest frame; with offloads a card sends up to 64 KiB at once
  public record Settings(Duration ageing, int stationsPerPort, int frameBytes) {
    /// As Linux: five minutes.
    public static final Settings USUAL = new Settings(Duration.ofMinutes(5), 1024, 65_554);
  }

  private final Inspector inspector;
  private final Settings settings;
  private final Clocks clocks;
  private final Stations stations;
  private volatile Port[] ports = NO_PORTS;

  public Bridge(Inspector inspector) {
    this(inspector, Settings.USUAL, Clocks.SYSTEM);
  }

  /// @param clocks for ageing and captures
  public Bridge(Inspector inspector, Settings settings, Clocks clocks) {
    this.inspector = inspector;
    this.settings = settings;
    this.clocks = clocks;
    this.stations = new Stations(settings.stationsPerPort(), settings.ageing().toNanos());
  }

  /// Plugs a link in.
  ///
  /// @param name letters, digits, `_`, `.` and `-`, 31 at most; captures are named after it
  /// @throws VmmException if there is a port of that name
  public synchronized Port add(String name, Role role, Link link, Vlans vlans) throws VmmException {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException("a port named " + name);
    }
    if (port(name).isPresent()) {
      throw new VmmException(Reason.EXISTS, "the bridge has a port " + name + " already");
    }
    Port port = new Port(name, role, link, vlans, clocks);
    Port[] more = Arrays.copyOf(ports, ports.length + 1);
    more[ports.length] = port;
    ports = more;
    port.connect(this);
    return port;
  }

  /// Plugs a link in whose stations know nothing of tags.
  public Port add(String name, Link link) throws VmmException {
    return add(name, Role.MEMBER, link, Vlans.DEFAULT);
  }

  /// Unplugs a port, and forgets the stations behind it. A frame that another thread is sending
  /// there may still arrive.
  public synchronized void remove(Port port) {
    port.close();
    ports = Arrays.stream(ports).filter(other -> other != port).toArray(Port[]::new);
    stations.forget(port);
    try {
      port.stopCapture();
    } catch (IOException e) {
      // The capture's last file could not be closed; the port is gone either way.
    }
  }

  /// The ports there are.
  public List<Port> ports() {
    return List.of(ports);
  }

  public Optional<Port> port(String name) {
    return Arrays.stream(ports).filter(port -> port.name().equals(name)).findFirst();
  }

  /// Where a station is, if it has sent something lately.
  ///
  /// @param mac 48 bits
  public Optional<Port> locate(long mac, int vlanId) {
    return Optional.ofNullable(stations.lookup(mac, vlanId, clocks.nanoTime()));
  }

  /// Forgets stations that have been silent for too long. They are not used in any case.
  public void sweep() {
    stations.sweep(clocks.nanoTime());
  }

  /// Forwards a frame that came in by a port.
  void forward(Port in, byte[] frame) {
    if (!in.isOpen()) {
      return;
    }
    in.received(frame);
    Packet packet = Packet.of(frame);
    Optional<DropReason> unfit = unfit(packet);
    int vlanId = in.vlans().of(Shapes.idIn(packet));
    if (unfit.isPresent()) {
      in.dropped(unfit.get());
    } else if (vlanId == Vlans.NONE) {
      in.dropped(DropReason.VLAN);
    } else {
      Inspection inspection = inspector.inspect(packet, in.name(), vlanId);
      Journey journey = new Journey(in, packet, vlanId, inspection);
      if (journey.enters()) {
        travel(journey, in, packet, vlanId);
      }
    }
  }

  private Optional<DropReason> unfit(Packet packet) {
    if (!packet.isEthernet() || isCutOffInItsTag(packet)) {
      return Optional.of(DropReason.TOO_SHORT);
    }
    if (packet.frame().length > settings.frameBytes()) {
      return Optional.of(DropReason.TOO_LONG);
    }
    long source = packet.source();
    if (source == 0 || (source & GROUP) != 0) {
      return Optional.of(DropReason.INVALID_SOURCE);
    }
    boolean linkLocal = (packet.destination() & ~0xfL) == LINK_LOCAL;
    return linkLocal ? Optional.of(DropReason.LINK_LOCAL) : Optional.empty();
  }

  private static boolean isCutOffInItsTag(Packet packet) {
    return packet.tags() == 0 && packet.outerType() == EtherType.VLAN;
  }

  private void travel(Journey journey, Port in, Packet packet, int vlanId) {
    long now = clocks.nanoTime();
    stations.learn(packet.source(), vlanId, in, now);
    Port out = packet.isForMany() ? null : stations.lookup(packet.destination(), vlanId, now);
    if (out == null) {
      journey.leaveByAll(ports);
    } else {
      journey.leaveBy(out);
    }
  }
}
