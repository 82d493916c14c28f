package dev.portcullis.devices.net;

import dev.portcullis.devices.queue.QueuePairs;
import dev.portcullis.net.Link;
import dev.portcullis.pci.Sriov;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// A network card that several can use at once without trusting each other: a physical function and
/// virtual ones, each a virtio network card of its own, joined by a switch in the card.
///
/// What a virtual function may be on the network is up to whoever has the physical one.
///
/// @pcie 9.3.3 SR-IOV Extended Capability
public final class SharedCard {
  private static final int VIRTUAL_DEVICE = 0x1041;

  private final EmbeddedSwitch joint;
  private final List<VirtioNet> virtual = new ArrayList<>();
  private final VirtioNet physical;

  /// @param mac address of the physical function, 48 bits
  /// @param pairs of queues of the physical function; a virtual one has one pair
  /// @param ports what each virtual function may be, at first; 1 to [Sriov#MOST_FUNCTIONS]
  public SharedCard(long mac, int pairs, List<VirtualPort> ports, Link wire) {
    this(mac, QueuePairs.of(pairs), ports, wire);
  }

  /// @param mac address of the physical function, 48 bits
  /// @param pairs of queues of the physical function; a virtual one has one pair
  /// @param ports what each virtual function may be, at first; 1 to [Sriov#MOST_FUNCTIONS]
  public SharedCard(long mac, QueuePairs pairs, List<VirtualPort> ports, Link wire) {
    joint = new EmbeddedSwitch(wire, mac, ports);
    for (int i = 0; i < ports.size(); i++) {
      virtual.add(new VirtioNet(ports.get(i).mac(), joint.virtual(i)));
    }
    Sriov capability = new Sriov(VIRTUAL_DEVICE, virtual);
    physical = new VirtioNet(mac, pairs, joint.physical(), List.of(capability));
  }

  /// Addresses of virtual functions when nobody gives them any: those that follow the physical
  /// function's.
  public static List<VirtualPort> ports(long mac, int count) {
    return IntStream.rangeClosed(1, count).mapToObj(i -> VirtualPort.of(mac + i)).toList();
  }

  /// The physical function, which has the others.
  public VirtioNet physical() {
    return physical;
  }

  /// A virtual function, whether software has enabled it or not.
  public VirtioNet virtual(int index) {
    return virtual.get(index);
  }

  /// Says what a virtual function may be on the network, from the next frame on. The address its
  /// registers show is the first one.
  public void configure(int index, VirtualPort settings) {
    joint.configure(index, settings);
  }

  public VirtualPort settings(int index) {
    return joint.settings(index);
  }

  /// Frames of virtual functions that had an address or a tag that they may not send with.
  public long refused() {
    return joint.refused();
  }
}
