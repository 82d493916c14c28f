package dev.portcullis.net.host;

import dev.portcullis.net.packet.Ipv4Address;
import dev.portcullis.net.packet.MacAddress;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;

/// Who a host is.
///
/// @param prefixBits how many bits of its address name its network
/// @param gateway where packets go that leave the network; without one none do
/// @param threads makes the host's one thread
public record HostOptions(
    MacAddress mac,
    Ipv4Address address,
    int prefixBits,
    Optional<Ipv4Address> gateway,
    ThreadFactory threads) {
  public HostOptions {
    if (prefixBits < 0 || prefixBits > 32) {
      throw new IllegalArgumentException("a prefix of " + prefixBits + " bits");
    }
  }

  /// A host without a gateway.
  ///
  /// @param network its address and prefix: `10.9.0.1/24`
  /// @throws IllegalArgumentException if they are not written that way
  public static HostOptions of(MacAddress mac, String network) {
    int slash = network.indexOf('/');
    if (slash < 0) {
      throw new IllegalArgumentException("no prefix: " + network);
    }
    Ipv4Address address = Ipv4Address.parse(network.substring(0, slash));
    int prefixBits = Integer.parseInt(network.substring(slash + 1));
    ThreadFactory threads = Thread.ofPlatform().daemon().name("host " + address).factory();
    return new HostOptions(mac, address, prefixBits, Optional.empty(), threads);
  }

  /// The same with a gateway.
  public HostOptions withGateway(Ipv4Address through) {
    return new HostOptions(mac, address, prefixBits, Optional.of(through), threads);
  }

  /// The same with its thread made by another.
  public HostOptions withThreads(ThreadFactory factory) {
    return new HostOptions(mac, address, prefixBits, gateway, factory);
  }

  /// The station to hand a packet to: its destination itself, or the gateway.
  Optional<Ipv4Address> nextHop(Ipv4Address to) {
    return address.isNear(to, prefixBits) ? Optional.of(to) : gateway;
  }
}
