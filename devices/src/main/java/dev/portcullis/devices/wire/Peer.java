package dev.portcullis.devices.wire;

import dev.portcullis.net.Link;
import dev.portcullis.net.host.Datagram;
import dev.portcullis.net.host.HostOptions;
import dev.portcullis.net.host.HostStatistics;
import dev.portcullis.net.host.NetworkHost;
import dev.portcullis.net.host.UdpSocket;
import dev.portcullis.net.http.HttpServer;
import dev.portcullis.net.packet.MacAddress;
import java.io.IOException;
import java.util.function.Consumer;

/// The host at the other end of the cable: 10.9.0.1, which answers ARP and ping, echoes what comes
/// to port 7 over UDP and TCP, and serves [PeerPages] on port 80.
public final class Peer implements Wire {
  private static final HostOptions OPTIONS =
      HostOptions.of(MacAddress.parse("02:70:63:00:00:01"), "10.9.0.1/24");
  private static final int ECHO_PORT = 7;
  private static final int HTTP_PORT = 80;

  private final Inside inside = new Inside();
  private final NetworkHost host = NetworkHost.attach(OPTIONS, inside);

  /// The peer's own end of the cable.
  private static final class Inside implements Link {
    private volatile Consumer<byte[]> toPeer = frame -> {};
    private volatile Consumer<byte[]> toCard = frame -> {};

    @Override
    public void connect(Consumer<byte[]> to) {
      toPeer = to;
    }

    @Override
    public void send(byte[] frame) {
      toCard.accept(frame);
    }
  }

  public Peer() {
    try {
      UdpSocket echo = host.openUdp(ECHO_PORT);
      echo.onDatagram(datagram -> echo(echo, datagram));
      EchoServer.start(host, ECHO_PORT);
      HttpServer.start(host, HTTP_PORT, new PeerPages());
    } catch (IOException e) {
      throw new AssertionError("no port of a new host is taken", e);
    }
  }

  /// Two echo ports would keep each other busy: what comes from one is dropped.
  private static void echo(UdpSocket socket, Datagram datagram) {
    if (datagram.port() == ECHO_PORT) {
      return;
    }
    try {
      socket.send(datagram);
    } catch (IOException closed) {
      socket.close();
    }
  }

  @Override
  public void connect(Consumer<byte[]> to) {
    inside.toCard = to;
  }

  @Override
  public void send(byte[] frame) {
    inside.toPeer.accept(frame);
  }

  /// What the peer has taken, sent and dropped.
  public HostStatistics statistics() {
    return host.statistics();
  }

  @Override
  public void close() {
    host.close();
  }
}
