package dev.portcullis.vmm.event;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;

/// Events as syslog datagrams: one each, and nobody says whether it arrived (RFC 5426).
public final class SyslogUdp implements EventSink {
  private final InetSocketAddress receiver;
  private final SyslogFormat format;
  private final DatagramSocket socket;

  /// @param receiver its name is looked up for every datagram as long as that fails
  /// @throws IOException if there is no socket
  public SyslogUdp(InetSocketAddress receiver, SyslogFormat format) throws IOException {
    this.receiver = receiver;
    this.format = format;
    this.socket = new DatagramSocket();
  }

  @Override
  public String name() {
    return "syslog over UDP at " + SyslogTcp.written(receiver);
  }

  @Override
  public void accept(Event event) throws IOException {
    byte[] message = format.encode(event, SyslogFormat.DATAGRAM_BYTES);
    socket.send(new DatagramPacket(message, message.length, SyslogTcp.resolved(receiver)));
  }

  @Override
  public void close() {
    socket.close();
  }
}
