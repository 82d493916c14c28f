package dev.portcullis.net.host;

import static dev.portcullis.net.host.Station.HOST_MAC;
import static dev.portcullis.net.host.Station.MAC;
import static dev.portcullis.net.host.Station.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.net.packet.Checksum;
import dev.portcullis.net.packet.Ipv4Address;
import dev.portcullis.net.packet.MacAddress;
import dev.portcullis.net.packet.Packet;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// ARP, ping and UDP of a host that faces a hand-made station.
class NetworkHostTest {
  private static final long SEED = 20261123;
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Ipv4Address STATION = Ipv4Address.parse("10.9.0.2");
  private static final HostOptions OPTIONS =
      HostOptions.of(MacAddress.parse("02:70:63:00:00:01"), "10.9.0.1/24");
  private static final String ARP = "0806" + "000108000604";
  private static final String ASKED_FOR_STATION =
      "ffffffffffff"
          + HOST_MAC
          + ARP
          + "0001"
          + HOST_MAC
          + "0a090001"
          + "000000000000"
          + "0a090002";
  private static final String STATION_ANSWERS =
      HOST_MAC + MAC + ARP + "0002" + MAC + "0a090002" + HOST_MAC + "0a090001";

  private final Cable cable = new Cable();
  private final Station station = new Station(cable.right);
  private final NetworkHost host = NetworkHost.attach(OPTIONS, cable.left);

  @AfterEach
  void close() {
    host.close();
  }

  /// The answer to a ping comes after those to all frames before it.
  private void assertAnswersPing(int dataBytes) throws InterruptedException {
    station.send(Station.ping(dataBytes));
    byte[] answer = station.next();
    assertThat(answer).hasSize(42 + dataBytes);
    assertThat(Arrays.copyOf(answer, 14)).isEqualTo(bytes(MAC + HOST_MAC + "0800"));
    assertThat(answer[34]).isZero();
    assertThat(Checksum.finish(Checksum.add(0, answer, 14, 20))).isZero();
    assertThat(Checksum.finish(Checksum.add(0, answer, 34, answer.length - 34))).isZero();
    assertThat(Arrays.copyOfRange(answer, 38, answer.length))
        .isEqualTo(Arrays.copyOfRange(Station.ping(dataBytes), 38, answer.length));
  }

  @Test
  void aQuestionForItsAddressIsAnswered() throws InterruptedException {
    station.send(
        "ffffffffffff" + MAC + ARP + "0001" + MAC + "0a090002" + "000000000000" + "0a090001");
    assertThat(station.next())
        .isEqualTo(bytes(MAC + HOST_MAC + ARP + "0002" + HOST_MAC + "0a090001" + MAC + "0a090002"));
  }

  @Test
  void aQuestionForAnotherAddressIsNot() throws InterruptedException {
    station.send(
        "ffffffffffff" + MAC + ARP + "0001" + MAC + "0a090002" + "000000000000" + "0a090003");
    assertAnswersPing(4);
  }

  @Test
  void pingsOfAllLengthsAreAnswered() throws InterruptedException {
    for (int dataBytes : new int[] {0, 1, 56, 1471, 1472}) {
      assertAnswersPing(dataBytes);
    }
  }

  @Test
  void framesTooLongForTheWireAreNotTaken() throws InterruptedException {
    station.send(new byte[1519]);
    assertAnswersPing(1);
    assertThat(host.statistics().overflowed()).isEqualTo(1);
  }

  @Test
  void whatIsDamagedFragmentedOrForOthersIsDropped() throws InterruptedException {
    byte[] damaged = Station.ping(20);
    damaged[50] ^= 1;
    byte[] header = Station.ping(20);
    header[22] ^= 1;
    byte[] fragment = Station.ping(20);
    fragment[20] = 0x20;
    byte[] elsewhere = Station.ping(20);
    elsewhere[33] = 9;
    byte[] otherStation = Station.ping(20);
    otherStation[5] = 9;
    byte[] fromMany = Station.ping(20);
    fromMany[26] = (byte) 224;
    byte[] fromItself = Station.ping(20);
    fromItself[29] = 1;
    station.send(damaged);
    station.send(header);
    station.send(Station.headed(fragment));
    station.send(Station.headed(elsewhere));
    station.send(otherStation);
    station.send(Station.headed(fromMany));
    station.send(Station.headed(fromItself));
    assertAnswersPing(3);
    assertThat(host.statistics()).isEqualTo(new HostStatistics(8, 1, 7, 0, 0));
  }

  @Test
  void itAsksForAStationAndPingsIt() throws Exception {
    var pinging = CompletableFuture.supplyAsync(() -> ping(PATIENCE));
    assertThat(station.next()).isEqualTo(bytes(ASKED_FOR_STATION));
    station.send(STATION_ANSWERS);
    byte[] request = station.nextAfter(bytes(ASKED_FOR_STATION));
    assertThat(Arrays.copyOf(request, 12)).isEqualTo(bytes(MAC + HOST_MAC));
    assertThat(Arrays.copyOfRange(request, 34, 36)).isEqualTo(bytes("0800"));
    byte[] reply = new byte[request.length - 34];
    System.arraycopy(request, 38, reply, 4, 4);
    int checksum = Checksum.finish(Checksum.add(0, reply, 0, reply.length));
    reply[2] = (byte) (checksum >> 8);
    reply[3] = (byte) checksum;
    station.send(Station.packet(1, reply));
    assertThat(pinging.get().isPresent()).isTrue();
  }

  private boolean isPinged(Duration timeout) {
    return ping(timeout).isPresent();
  }

  private Optional<Duration> ping(Duration timeout) {
    try {
      return host.ping(STATION, timeout);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void itAsksAgainButNotForever() throws Exception {
    var pinging = CompletableFuture.supplyAsync(() -> isPinged(Duration.ofSeconds(4)));
    for (int i = 0; i < ArpTable.ATTEMPTS; i++) {
      assertThat(station.next()).isEqualTo(bytes(ASKED_FOR_STATION));
    }
    assertThat(pinging.get()).isFalse();
    assertAnswersPing(1);
  }

  @Test
  void anAnswerThatNobodyAskedForIsNotBelieved() throws Exception {
    station.send(STATION_ANSWERS);
    try (UdpSocket socket = host.openUdp(9)) {
      socket.send(new Datagram(STATION, 9, new byte[1]));
      assertThat(station.next()).isEqualTo(bytes(ASKED_FOR_STATION));
    }
  }

  @Test
  void twoHostsTalkOverUdp() throws Exception {
    Cable between = new Cable();
    HostOptions second = HostOptions.of(MacAddress.parse("02:70:63:00:00:02"), "10.9.0.2/24");
    try (NetworkHost one = NetworkHost.attach(OPTIONS, between.left);
        NetworkHost two = NetworkHost.attach(second, between.right);
        UdpSocket asking = one.openUdp(0);
        UdpSocket answering = two.openUdp(53)) {
      asking.send(new Datagram(two.address(), 53, new byte[] {1, 2, 3}));
      Datagram question = answering.receive(PATIENCE).orElseThrow();
      assertThat(question.port()).isEqualTo(asking.port());
      answering.send(question.answer(new byte[UdpSocket.MOST_BYTES]));
      Datagram answer = asking.receive(PATIENCE).orElseThrow();
      assertThat(answer.address()).isEqualTo(two.address());
      assertThat(answer.bytes()).hasSize(UdpSocket.MOST_BYTES);
      assertThat(one.ping(two.address(), PATIENCE)).isPresent();
    }
  }

  @Test
  void aPortIsTakenOnceAndFreeAgain() throws Exception {
    UdpSocket first = host.openUdp(9);
    assertThatThrownBy(() -> host.openUdp(9)).isInstanceOf(IOException.class);
    first.close();
    host.openUdp(9).close();
    assertThatThrownBy(() -> first.send(new Datagram(STATION, 9, new byte[1])))
        .isInstanceOf(IOException.class);
  }

  @Test
  void aPortWhereNobodyListensIsReported() throws Exception {
    station.send(Station.packet(17, bytes("30390009000c0000" + "01020304")));
    Packet answer = Packet.of(station.next());
    assertThat(answer.icmpType()).isEqualTo(3);
    assertThat(answer.icmpCode()).isEqualTo(3);
    assertThat(answer.dataBytes()).isEqualTo(28);
  }

  @Test
  void datagramsThatNobodyTakesCostNoMoreThanTheQueue() throws Exception {
    try (UdpSocket socket = host.openUdp(9)) {
      byte[] datagram = Station.packet(17, bytes("30390009000c0000" + "01020304"));
      for (int i = 0; i < UdpSocket.MOST_WAITING + 10; i++) {
        station.send(datagram);
      }
      assertAnswersPing(1);
      for (int i = 0; i < UdpSocket.MOST_WAITING; i++) {
        assertThat(socket.receive(PATIENCE)).isPresent();
      }
      assertThat(socket.receive(Duration.ZERO)).isEmpty();
      assertThat(host.statistics().dropped()).isEqualTo(10);
    }
  }

  @Test
  void aPacketToAnotherNetworkGoesToTheGateway() throws Exception {
    Cable between = new Cable();
    Station gateway = new Station(between.right);
    HostOptions options = OPTIONS.withGateway(STATION);
    try (NetworkHost routed = NetworkHost.attach(options, between.left);
        UdpSocket socket = routed.openUdp(9)) {
      socket.send(new Datagram(Ipv4Address.parse("192.0.2.1"), 9, new byte[1]));
      assertThat(gateway.next()).isEqualTo(bytes(ASKED_FOR_STATION));
      gateway.send(STATION_ANSWERS);
      Packet packet = Packet.of(gateway.nextAfter(bytes(ASKED_FOR_STATION)));
      assertThat(packet.ipDestinationLow()).isEqualTo(0xc000_0201L);
    }
  }

  /// Frames of random bytes and true ones with some bytes changed: whatever they are, the host goes
  /// on.
  @Test
  void noFrameKeepsItFromAnswering() throws InterruptedException {
    Random random = new Random(SEED);
    byte[][] templates = {
      Station.ping(30),
      bytes(STATION_ANSWERS),
      Station.packet(17, bytes("30390009000c0000" + "01020304")),
      Station.packet(
          6,
          bytes(
              "30390050" + "00000001" + "00000000" + "a002ffff" + "00000000" + "020405b401030307"))
    };
    for (int round = 0; round < 20_000; round++) {
      byte[] frame = templates[random.nextInt(templates.length)].clone();
      if (random.nextInt(4) == 0) {
        frame = new byte[random.nextInt(100)];
        random.nextBytes(frame);
      } else {
        frame = Arrays.copyOf(frame, random.nextInt(frame.length + 8));
        for (int i = 0; i < 1 + random.nextInt(4) && frame.length > 14; i++) {
          frame[12 + random.nextInt(frame.length - 12)] = (byte) random.nextInt();
        }
        if (frame.length >= 34 && random.nextBoolean()) {
          Station.headed(frame);
        }
      }
      station.send(frame);
      if (round % 1000 == 999) {
        station.ends(Station.ping(round % 7));
      }
    }
  }

  @Test
  void anInterruptOfItsThreadUnplugsIt() throws Exception {
    List<Thread> threads = new CopyOnWriteArrayList<>();
    ThreadFactory factory =
        work -> {
          Thread thread = Thread.ofPlatform().daemon().unstarted(work);
          threads.add(thread);
          return thread;
        };
    NetworkHost.attach(OPTIONS.withThreads(factory), new Cable().left);

    threads.getFirst().interrupt();

    assertThat(threads.getFirst().join(Duration.ofSeconds(30))).isTrue();
  }
}
