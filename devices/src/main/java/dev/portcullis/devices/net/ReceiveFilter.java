package dev.portcullis.devices.net;

import dev.portcullis.net.packet.Packet;
import java.util.BitSet;
import java.util.Set;

/// Which frames the driver wants of those that come out of the wire. From a reset on: all, as far
/// as the driver has not agreed to say more.
///
/// @param mac the card's address
/// @param promiscuous whether it wants all of them
/// @param allMulticast whether it wants those for all groups
/// @param addresses other addresses it listens to, of cards and of groups
/// @param vlans virtual LANs it listens to; `null` for all of them
/// @virtio 5.1 Network Device
record ReceiveFilter(
    long mac, boolean promiscuous, boolean allMulticast, Set<Long> addresses, BitSet vlans) {
  private static final long BROADCAST = 0xffff_ffff_ffffL;

  /// What there is after a reset.
  ///
  /// @param filtersVlans whether the driver has agreed to say which virtual LANs it wants
  static ReceiveFilter initial(long mac, boolean filtersVlans) {
    return new ReceiveFilter(mac, true, false, Set.of(), filtersVlans ? new BitSet() : null);
  }

  ReceiveFilter withMac(long address) {
    return new ReceiveFilter(address, promiscuous, allMulticast, addresses, vlans);
  }

  ReceiveFilter withPromiscuous(boolean all) {
    return new ReceiveFilter(mac, all, allMulticast, addresses, vlans);
  }

  ReceiveFilter withAllMulticast(boolean all) {
    return new ReceiveFilter(mac, promiscuous, all, addresses, vlans);
  }

  ReceiveFilter withAddresses(Set<Long> others) {
    return new ReceiveFilter(mac, promiscuous, allMulticast, Set.copyOf(others), vlans);
  }

  ReceiveFilter withVlan(int id, boolean wanted) {
    BitSet changed = vlans == null ? new BitSet() : (BitSet) vlans.clone();
    changed.set(id, wanted);
    return new ReceiveFilter(mac, promiscuous, allMulticast, addresses, changed);
  }

  /// Whether the driver wants `frame`.
  boolean admits(byte[] frame) {
    if (promiscuous) {
      return true;
    }
    Packet packet = Packet.of(frame);
    if (!packet.isEthernet() || vlans != null && packet.tags() > 0 && !vlans.get(packet.vlanId())) {
      return false;
    }
    long to = packet.destination();
    return to == mac
        || to == BROADCAST
        || packet.isForMany() && allMulticast
        || addresses.contains(to);
  }
}
