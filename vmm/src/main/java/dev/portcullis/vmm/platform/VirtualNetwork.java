package dev.portcullis.vmm.platform;

import dev.portcullis.devices.net.VirtioNet;
import dev.portcullis.devices.wire.Cable;
import dev.portcullis.net.Link;
import dev.portcullis.pci.IntxLine;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.vmm.VmmException;
import dev.portcullis.vmm.bridge.SourceGuard;
import dev.portcullis.vmm.engine.EngineException;
import dev.portcullis.vmm.platform.description.NetworkAddress;
import dev.portcullis.vmm.platform.description.PartitionDescription;
import dev.portcullis.vmm.platform.description.PartitionDescription.Role;
import dev.portcullis.vmm.platform.description.PlatformDescription.LinkDescription;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Gives partitions the virtual network cards at the ends of their cables: paravirtual ones, played
/// by the monitor, which copies each frame once from one partition's memory to the other's.
final class VirtualNetwork {
  /// Where a partition finds its first virtual card; the next ones are behind it.
  static final int FIRST_DEVICE = 0x10;

  /// What the addresses of virtual cards begin with; number of the cable and of its end follow.
  private static final long MAC_PREFIX = 0x0250_5600_0000L;

  private final RunningPlatform platform;
  private final Map<String, Integer> cards = new HashMap<>();

  VirtualNetwork(RunningPlatform platform) {
    this.platform = platform;
  }

  void build(List<LinkDescription> links) throws VmmException, EngineException {
    for (int i = 0; i < links.size(); i++) {
      Cable cable = new Cable();
      plug(links.get(i).one(), MAC_PREFIX | i << 1, cable.one());
      plug(links.get(i).other(), MAC_PREFIX | i << 1 | 1, cable.other());
    }
  }

  private void plug(String name, long mac, Link end) throws VmmException, EngineException {
    RunningPartition partition = platform.partition(name);
    int device = FIRST_DEVICE + cards.merge(name, 1, Integer::sum) - 1;
    VirtioNet card = new VirtioNet(mac, guarded(partition.description(), mac, end));
    card.connect(
        new PartitionPort(partition.partition().played(), partition.interrupts()),
        IntxLine.unconnected());
    partition.slots().plug(RequesterId.of(device << 3), card);
  }

  /// A bridge forwards what others send; a client sends what is its own.
  private static Link guarded(PartitionDescription partition, long mac, Link end) {
    return partition.role() == Role.CLIENT
        ? new SourceGuard(end, mac, partition.address().map(NetworkAddress::address))
        : end;
  }
}
