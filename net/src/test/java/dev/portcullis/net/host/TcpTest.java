package dev.portcullis.net.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.net.packet.Ipv4Address;
import dev.portcullis.net.packet.MacAddress;
import dev.portcullis.net.packet.Packet;
import dev.portcullis.net.packet.Protocol;
import dev.portcullis.net.packet.TcpFlags;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Streams between two hosts at a cable, and a host against peers that play foul.
class TcpTest {
  private static final long SEED = 20261123;
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int PORT = 80;

  private final Cable cable = new Cable();
  private final NetworkHost server = host(1, cable.left);
  private final NetworkHost client = host(2, cable.right);

  private static NetworkHost host(int number, Cable.End end) {
    MacAddress mac = new MacAddress(0x0270_6300_0000L + number);
    return NetworkHost.attach(HostOptions.of(mac, "10.9.0." + number + "/24"), end);
  }

  @AfterEach
  void close() {
    client.close();
    server.close();
  }

  private TcpSocket connect() throws IOException, InterruptedException {
    return client.connect(server.address(), PORT, PATIENCE);
  }

  private static byte[] random(int count) {
    byte[] bytes = new byte[count];
    new Random(SEED).nextBytes(bytes);
    return bytes;
  }

  /// Sends back what comes, on a thread of its own.
  private static CompletableFuture<Void> echo(TcpSocket socket) {
    return CompletableFuture.runAsync(
        () -> {
          try (socket;
              OutputStream out = socket.output()) {
            socket.input().transferTo(out);
          } catch (IOException e) {
            throw new AssertionError(e);
          }
        },
        Executors.newVirtualThreadPerTaskExecutor());
  }

  private byte[] sendAndReadBack(byte[] bytes) throws Exception {
    try (TcpListener listener = server.listen(PORT);
        TcpSocket socket = connect()) {
      var echoing = echo(listener.accept(PATIENCE).orElseThrow());
      var reading =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return socket.input().readAllBytes();
                } catch (IOException e) {
                  throw new AssertionError(e);
                }
              },
              Executors.newVirtualThreadPerTaskExecutor());
      try (OutputStream out = socket.output()) {
        out.write(bytes);
      }
      byte[] came = reading.get();
      echoing.get();
      return came;
    }
  }

  @Test
  void whatIsWrittenComesBack() throws Exception {
    byte[] bytes = random(3 << 20);
    assertThat(sendAndReadBack(bytes)).isEqualTo(bytes);
  }

  @Test
  void sixtyFourMebibytesPass() throws Exception {
    byte[] bytes = random(1 << 20);
    try (TcpListener listener = server.listen(PORT);
        TcpSocket socket = connect();
        TcpSocket accepted = listener.accept(PATIENCE).orElseThrow()) {
      var writing =
          CompletableFuture.runAsync(() -> {
            try (OutputStream out = accepted.output()) {
              for (int i = 0; i < 64; i++) {
                out.write(bytes);
              }
            } catch (IOException e) {
              throw new AssertionError(e);
            }
          });
      InputStream in = socket.input();
      for (int i = 0; i < 64; i++) {
        assertThat(in.readNBytes(bytes.length)).isEqualTo(bytes);
      }
      assertThat(in.read()).isEqualTo(-1);
      writing.get();
    }
  }

  /// Loses 5 % of the frames, doubles some, lets some overtake others.
  private static Consumer<byte[]> bad(Consumer<byte[]> to, Random random, Deque<byte[]> held) {
    return frame -> {
      synchronized (held) {
        if (random.nextInt(20) == 0) {
          return;
        }
        if (random.nextInt(20) == 0) {
          held.add(frame);
          return;
        }
        to.accept(frame);
        if (random.nextInt(20) == 0) {
          to.accept(frame);
        }
        if (random.nextInt(4) == 0 && !held.isEmpty()) {
          to.accept(held.remove());
        }
      }
    };
  }

  @Test
  void aMebibyteSurvivesABadCable() throws Exception {
    Random random = new Random(SEED);
    for (Cable.End end : new Cable.End[] {cable.left, cable.right}) {
      Deque<byte[]> held = new ArrayDeque<>();
      end.trouble(to -> bad(to, random, held));
    }
    byte[] bytes = random(1 << 20);
    assertThat(sendAndReadBack(bytes)).isEqualTo(bytes);
    assertThat(client.statistics().resent()).isPositive();
  }

  @Test
  void aPortWhereNobodyListensRefuses() throws InterruptedException {
    assertThatThrownBy(this::connect)
        .isInstanceOf(IOException.class)
        .hasMessage("connection refused");
    // The host's thread has let the connection go before it takes the answer.
    assertThat(client.ping(server.address(), PATIENCE)).isPresent();
    assertThat(client.connections()).isZero();
  }

  @Test
  void nobodyAnswersInTime() {
    Ipv4Address nobody = Ipv4Address.parse("10.9.0.77");
    assertThatThrownBy(() -> client.connect(nobody, PORT, Duration.ofMillis(1)))
        .isInstanceOf(IOException.class)
        .hasMessage("connection timed out");
  }

  @Test
  void aReadThatGetsNothingInTimeFailsAndTheConnectionStands() throws Exception {
    try (TcpListener listener = server.listen(PORT);
        TcpSocket socket = connect();
        TcpSocket accepted = listener.accept(PATIENCE).orElseThrow()) {
      socket.timeout(Duration.ofMillis(1));
      assertThatThrownBy(() -> socket.input().read()).hasMessage("nothing came in time");
      socket.timeout(PATIENCE);
      accepted.output().write(7);
      assertThat(socket.input().read()).isEqualTo(7);
    }
  }

  @Test
  void aHostThatClosesEndsItsConnections() throws Exception {
    try (TcpListener listener = server.listen(PORT);
        TcpSocket socket = connect()) {
      assertThat(listener.accept(PATIENCE)).isPresent();
      server.close();
      assertThatThrownBy(() -> socket.input().read()).hasMessage("connection reset by peer");
      assertThatThrownBy(() -> listener.accept(PATIENCE)).isInstanceOf(IOException.class);
      client.close();
      assertThatThrownBy(this::connect).isInstanceOf(IOException.class);
    }
  }

  private static byte[] syn(int fromPort, int sequence) {
    ByteBuffer segment = ByteBuffer.allocate(20);
    segment.putShort((short) fromPort).putShort((short) PORT).putInt(sequence).putInt(0);
    segment.put((byte) 0x50).put((byte) TcpFlags.SYN).putShort((short) 8000);
    return checked(segment.array());
  }

  /// A frame with a segment, its checksum made.
  private static byte[] checked(byte[] segment) {
    byte[] frame = Station.packet(Protocol.TCP, segment);
    int checksum = Ipv4Layer.checksum(ByteBuffer.wrap(frame));
    frame[50] = (byte) (checksum >> 8);
    frame[51] = (byte) checksum;
    return frame;
  }

  /// Undamaged segments that make no sense, to ports that listen and ports that do not, some of
  /// them answers to what the host has said: it goes on, and nothing grows.
  @Test
  void noSegmentsKeepItFromAnswering() throws Exception {
    Random random = new Random(SEED);
    Cable between = new Cable();
    Station station = new Station(between.right);
    try (NetworkHost host = host(1, between.left);
        TcpListener listener = host.listen(PORT)) {
      assertThat(listener.port()).isEqualTo(PORT);
      int expected = 0;
      int acknowledged = 0;
      for (int round = 0; round < 20_000; round++) {
        ByteBuffer segment = ByteBuffer.allocate(20 + 4 * random.nextInt(11));
        random.nextBytes(segment.array());
        segment.putShort(0, (short) (1000 + random.nextInt(50)));
        segment.putShort(2, (short) (PORT + random.nextInt(2)));
        segment.putInt(4, expected + random.nextInt(3) - 1);
        segment.putInt(8, acknowledged + random.nextInt(3) - 1);
        segment.put(12, (byte) (random.nextInt(8) == 0 ? random.nextInt() : 0x50));
        segment.put(13, (byte) (random.nextBoolean() ? TcpFlags.SYN : random.nextInt()));
        segment.putShort(16, (short) 0);
        station.send(checked(segment.array()));
        Packet said = station.poll();
        if (said != null && said.transport() == Packet.Transport.TCP) {
          expected = (int) said.tcpAcknowledgement();
          acknowledged = (int) said.tcpSequence() + 1;
        }
        if (round % 1000 == 999) {
          station.ends(Station.ping(round % 7));
          assertThat(host.connections()).isLessThanOrEqualTo(TcpLayer.MOST_CONNECTIONS);
        }
      }
    }
  }

  /// SYNs that nobody stands behind: memory stays bounded, and a true peer still gets in.
  @Test
  void aFloodOfSynsKeepsNobodyOut() throws Exception {
    Cable flooded = new Cable();
    Station station = new Station(flooded.right);
    try (NetworkHost host = host(1, flooded.left);
        TcpListener listener = host.listen(PORT)) {
      for (int i = 0; i < 5000; i++) {
        station.send(syn(1024 + i, i));
        if (i % 500 == 499) {
          station.ends(Station.ping(1));
          assertThat(host.connections()).isEqualTo(TcpLayer.MOST_HALF_OPEN);
        }
      }
      NetworkHost friend = host(2, flooded.right);
      try (friend;
          TcpSocket socket = friend.connect(host.address(), PORT, PATIENCE)) {
        assertThat(listener.accept(PATIENCE)).isPresent();
        assertThat(socket.remotePort()).isEqualTo(PORT);
      }
    }
  }

  @Test
  void soManyConnectionsAndNoMore() throws Exception {
    try (TcpListener listener = server.listen(PORT)) {
      for (int i = 0; i < TcpLayer.MOST_CONNECTIONS; i++) {
        connect();
        assertThat(listener.accept(PATIENCE)).isPresent();
      }
      assertThatThrownBy(this::connect).hasMessage("too many connections");
      assertThat(server.connections()).isEqualTo(TcpLayer.MOST_CONNECTIONS);
    }
  }

  @Test
  void aConnectionThatIsOverGivesWayToOthers() throws Exception {
    byte[] bytes = random(100);
    for (int i = 0; i < TcpLayer.MOST_CONNECTIONS + 20; i++) {
      try (TcpListener listener = server.listen(PORT);
          TcpSocket socket = connect();
          TcpSocket accepted = listener.accept(PATIENCE).orElseThrow()) {
        accepted.output().write(bytes);
        accepted.output().close();
        assertThat(socket.input().readAllBytes()).isEqualTo(bytes);
      }
    }
  }

  @Test
  void aStrangeSegmentIsRefusedAndADamagedOneDropped() throws Exception {
    Cable between = new Cable();
    Station station = new Station(between.right);
    try (NetworkHost host = host(1, between.left)) {
      byte[] damaged = syn(1000, 5);
      damaged[40] ^= 1;
      station.send(damaged);
      station.send(syn(1000, 5));
      Packet refusal = Packet.of(station.next());
      assertThat(refusal.tcpFlags()).isEqualTo(TcpFlags.RST | TcpFlags.ACK);
      assertThat(refusal.tcpAcknowledgement()).isEqualTo(6);
      assertThat(host.statistics().framesIn()).isEqualTo(2);
    }
  }
}
