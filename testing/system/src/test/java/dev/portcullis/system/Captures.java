package dev.portcullis.system;

import dev.portcullis.net.packet.Ipv4Address;
import dev.portcullis.net.packet.Packet;
import dev.portcullis.net.packet.Packet.Transport;
import dev.portcullis.net.pcapng.CapturedFrame;
import dev.portcullis.net.pcapng.Direction;
import dev.portcullis.net.pcapng.PcapngReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What a bridge's ports have sent, by the files that it has captured.
final class Captures {
  private static final int DESTINATION_UNREACHABLE = 3;
  private static final int RST = 4;

  private Captures() {}

  /// A frame that left a port.
  record Sent(Instant when, Packet packet) {

    /// Who it is from, by IPv4 or ARP.
    Optional<Ipv4Address> source() {
      return switch (packet.network()) {
        case IPV4 -> Optional.of(new Ipv4Address((int) packet.ipSourceLow()));
        case ARP -> Optional.of(new Ipv4Address((int) packet.arpSenderIp()));
        case IPV6, NONE -> Optional.empty();
      };
    }

    /// Whether it says that something was not let through: the bridge says it in the name of
    /// whomever that was for.
    boolean isRefusal() {
      return packet.icmpType() == DESTINATION_UNREACHABLE
          || packet.transport() == Transport.TCP && (packet.tcpFlags() & RST) != 0;
    }

    /// Who it is for, or who is asked for by ARP.
    Optional<Ipv4Address> target() {
      return switch (packet.network()) {
        case IPV4 -> Optional.of(new Ipv4Address((int) packet.ipDestinationLow()));
        case ARP -> Optional.of(new Ipv4Address((int) packet.arpTargetIp()));
        case IPV6, NONE -> Optional.empty();
      };
    }
  }

  /// Those from the cards that use an address; whatever they carry.
  static List<Sent> from(Ipv4Address address, List<Sent> all) {
    Set<Long> cards =
        all.stream()
            .filter(one -> one.source().equals(Optional.of(address)))
            .map(one -> one.packet().source())
            .collect(Collectors.toSet());
    return all.stream().filter(one -> cards.contains(one.packet().source())).toList();
  }

  /// All that left a port, in order.
  static List<Sent> sent(Path folder, String port) throws Exception {
    List<Sent> all = new ArrayList<>();
    for (Path file : files(folder, port)) {
      try (PcapngReader reader = PcapngReader.open(file)) {
        Optional<CapturedFrame> next = reader.next();
        while (next.isPresent()) {
          CapturedFrame frame = next.get();
          if (frame.direction() == Direction.OUTBOUND) {
            Instant when = Instant.ofEpochSecond(0, frame.timestampNanos());
            all.add(new Sent(when, Packet.of(frame.frame())));
          }
          next = reader.next();
        }
      }
    }
    return all;
  }

  private static List<Path> files(Path folder, String port) throws Exception {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.getFileName().toString().matches(port + "-\\d+\\.pcapng"))
          .sorted()
          .toList();
    }
  }
}
