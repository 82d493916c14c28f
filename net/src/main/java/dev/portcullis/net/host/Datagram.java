package dev.portcullis.net.host;

import dev.portcullis.net.packet.Ipv4Address;

/// What came in one UDP datagram, or goes out in one.
///
/// @param address of the other side
/// @param port of the other side
public record Datagram(Ipv4Address address, int port, byte[] bytes) {
  /// The same back to its sender.
  public Datagram answer(byte[] content) {
    return new Datagram(address, port, content);
  }
}
