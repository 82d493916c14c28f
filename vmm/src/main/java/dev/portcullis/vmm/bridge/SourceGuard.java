package dev.portcullis.vmm.bridge;

import dev.portcullis.net.Link;
import dev.portcullis.net.packet.EtherType;
import dev.portcullis.net.packet.Ipv4Address;
import dev.portcullis.net.packet.Packet;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/// The end of a wire that leads to a partition's card, as the partition is given it: frames go out
/// only with the card's own address as their source and, if the partition has an IPv4 address, with
/// that. So nobody takes another's place in a bridge's or a neighbour's tables.
///
/// By IPv6 it has the link-local address that follows from its card's, see [LinkLocal].
public final class SourceGuard implements Link {
  private static final long NO_ADDRESS_YET = 0;

  private final Link wire;
  private final long mac;
  private final Optional<Ipv4Address> address;
  private final LinkLocal linkLocal;
  private final LongAdder refused = new LongAdder();

  /// @param mac the card's, 48 bits
  /// @param address the partition's; without, it may have any
  public SourceGuard(Link wire, long mac, Optional<Ipv4Address> address) {
    this.wire = wire;
    this.mac = mac;
    this.address = address;
    this.linkLocal = new LinkLocal(mac);
  }

  @Override
  public void connect(Consumer<byte[]> receiver) {
    wire.connect(receiver);
  }

  @Override
  public void send(byte[] frame) {
    Packet packet = Packet.of(frame);
    if (packet.isEthernet() && packet.source() == mac && (address.isEmpty() || isOwn(packet))) {
      wire.send(frame);
    } else {
      refused.increment();
    }
  }

  private boolean isOwn(Packet packet) {
    return switch (packet.network()) {
      case ARP -> packet.arpSenderMac() == mac && isOwn(packet.arpSenderIp());
      case IPV4 -> isOwn(packet.ipSourceLow());
      case IPV6 -> linkLocal.isOwn(packet);
      case NONE ->
          // What claims to be one and is none: others might read it otherwise.
          switch (packet.etherType()) {
            case EtherType.ARP, EtherType.IPV4, EtherType.IPV6 -> false;
            default -> true;
          };
    };
  }

  private boolean isOwn(long source) {
    return source == NO_ADDRESS_YET || source == (address.orElseThrow().bits() & 0xffff_ffffL);
  }

  /// How many frames did not go out.
  public long refused() {
    return refused.sum();
  }
}
