package dev.portcullis.vmm.platform;

import dev.portcullis.devices.net.VirtioNet;
import dev.portcullis.devices.wire.Cable;
import dev.portcullis.net.Link;
import dev.portcullis.pci.IntxLine;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.vmm.VmmException;
import dev.portcullis.vmm.VmmException.Reason;
import dev.portcullis.vmm.bridge.SourceGuard;
import dev.portcullis.vmm.engine.EngineException;
import dev.portcullis.vmm.platform.description.Addition;
import dev.portcullis.vmm.platform.description.NetworkAddress;
import dev.portcullis.vmm.platform.description.PartitionDescription;
import dev.portcullis.vmm.platform.description.PartitionDescription.Role;
import dev.portcullis.vmm.platform.description.PlatformDescription.LinkDescription;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/// Gives partitions the virtual network cards at the ends of their cables: paravirtual ones, played
/// by the monitor, which copies each frame once from one partition's memory to the other's.
final class VirtualNetwork {
  /// Where a partition finds its first virtual card; the next ones are behind it.
  static final int FIRST_DEVICE = 0x10;

  private static final int DEVICES = 32;

  /// What the addresses of virtual cards begin with; number of the cable and of its end follow.
  private static final long MAC_PREFIX = 0x0250_5600_0000L;

  private final RunningPlatform platform;
  private final Map<String, List<Plugged>> cards = new ConcurrentHashMap<>();
  private int cables;

  /// A card in a slot.
  ///
  /// @param cable number of the cable at which it is
  private record Plugged(int cable, RequesterId at, long mac, VirtioNet card) {}

  VirtualNetwork(RunningPlatform platform) {
    this.platform = platform;
  }

  /// The cards of the partition called `name`, by place. For any thread.
  List<VirtualCard> cards(String name) {
    return cards.getOrDefault(name, List.of()).stream()
        .map(one -> new VirtualCard(name, one.at(), one.mac(), one.cable()))
        .toList();
  }

  void build(List<LinkDescription> links) throws VmmException, EngineException {
    for (LinkDescription link : links) {
      connect(link);
    }
  }

  private void connect(LinkDescription link) throws VmmException, EngineException {
    Cable cable = new Cable();
    int number = cables++;
    plug(link.one(), number, MAC_PREFIX | number << 1, cable.one());
    plug(link.other(), number, MAC_PREFIX | number << 1 | 1, cable.other());
  }

  /// Lays the cable of a partition that has been added, if it has one.
  void add(Addition wanted) throws VmmException, EngineException {
    if (wanted.link().isEmpty()) {
      return;
    }
    LinkDescription link = wanted.link().get();
    RunningPartition bridge = platform.partition(link.other());
    RequesterId at = freePlace(link.other());
    bridge.bridge().ifPresent(software -> software.expect(at.id(), link.one()));
    if (platform.description().management().services().isPresent()) {
      // Nothing passes before management has said what may.
      bridge.restrictions().ifPresent(ports -> ports.close(link.one()));
    }
    connect(link);
  }

  /// Takes the cables of a partition away, with the cards at both their ends.
  void remove(String name) {
    Set<Integer> gone = new HashSet<>();
    cards.getOrDefault(name, List.of()).forEach(one -> gone.add(one.cable()));
    for (RunningPartition partition : platform.partitions()) {
      List<Plugged> here = cards.getOrDefault(partition.name(), List.of());
      for (Plugged one : List.copyOf(here)) {
        if (gone.contains(one.cable())) {
          partition.slots().unplug(one.at());
          one.card().close();
          here.remove(one);
        }
      }
    }
    cards.remove(name);
  }

  private void plug(String name, int cable, long mac, Link end)
      throws VmmException, EngineException {
    RunningPartition partition = platform.partition(name);
    VirtioNet card = new VirtioNet(mac, guarded(partition.description(), mac, end));
    card.connect(
        new PartitionPort(partition.partition().played(), partition.interrupts()),
        IntxLine.unconnected());
    RequesterId at = freePlace(name);
    partition.slots().plug(at, card);
    cards
        .computeIfAbsent(name, _ -> new CopyOnWriteArrayList<>())
        .add(new Plugged(cable, at, mac, card));
  }

  /// @throws VmmException if the partition has as many cards as there are places for
  private RequesterId freePlace(String name) throws VmmException {
    List<RequesterId> taken =
        cards.getOrDefault(name, List.of()).stream().map(Plugged::at).toList();
    for (int device = FIRST_DEVICE; device < DEVICES; device++) {
      RequesterId at = RequesterId.of(device << 3);
      if (!taken.contains(at)) {
        return at;
      }
    }
    throw new VmmException(
        Reason.IN_USE, "partition %s has no place for another network card".formatted(name));
  }

  /// A bridge forwards what others send; a client sends what is its own.
  private static Link guarded(PartitionDescription partition, long mac, Link end) {
    return partition.role() == Role.CLIENT
        ? new SourceGuard(end, mac, partition.address().map(NetworkAddress::address))
        : end;
  }
}
