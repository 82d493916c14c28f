package dev.portcullis.net.tcp;

import static dev.portcullis.net.tcp.Simulation.MILLISECOND;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.net.packet.TcpFlags;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The state machine, in simulated time, over networks good and bad.
class ConnectionTest {
  private static final long SEED = 20261123;
  private static final byte[] NONE = {};

  private static byte[] random(int count) {
    byte[] bytes = new byte[count];
    new Random(SEED).nextBytes(bytes);
    return bytes;
  }

  private static int poll(Connection connection) throws IOException {
    return connection.poll(new byte[1 << 16], 0, 1 << 16);
  }

  @Test
  void sidesAgreeInThreeSegmentsAndSayTheirOptions() throws Exception {
    Simulation simulation = Simulation.established();
    List<Segment> sent = simulation.sent();
    assertThat(sent.stream().map(Segment::flags))
        .containsExactly(TcpFlags.SYN, TcpFlags.SYN | TcpFlags.ACK, TcpFlags.ACK);
    assertThat(sent.get(0).mssBytes()).isEqualTo(1460);
    assertThat(sent.get(1).windowShift()).isEqualTo(1);
    assertThat(sent.get(2).acknowledgement()).isEqualTo(Integer.MAX_VALUE - 1);
  }

  @Test
  void bytesPassBothWaysAcrossTheWrapOfSequenceNumbers() throws Exception {
    Simulation simulation = Simulation.established();
    byte[] bytes = random(300_000);
    assertThat(simulation.transfer(simulation.client, simulation.server, bytes)).isEqualTo(bytes);
    assertThat(simulation.transfer(simulation.server, simulation.client, bytes)).isEqualTo(bytes);
    assertThat(simulation.sent()).noneMatch(segment -> segment.data().length > 1460);
  }

  @Test
  void oneSideFinishesThenTheOther() throws Exception {
    Simulation simulation = Simulation.established();
    simulation.client.finish();
    simulation.settle();
    assertThat(simulation.client.state()).isEqualTo(State.FIN_WAIT_2);
    assertThat(simulation.server.state()).isEqualTo(State.CLOSE_WAIT);
    assertThat(poll(simulation.server)).isEqualTo(-1);
    byte[] late = random(5000);
    assertThat(simulation.transfer(simulation.server, simulation.client, late)).isEqualTo(late);
    simulation.server.finish();
    simulation.settle();
    assertThat(simulation.server.state()).isEqualTo(State.CLOSED);
    assertThat(simulation.client.state()).isEqualTo(State.TIME_WAIT);
    long since = simulation.now();
    simulation.until("forgotten", () -> simulation.client.state() == State.CLOSED);
    assertThat(simulation.now() - since)
        .isBetween(Connection.TIME_WAIT_NANOS - 2 * MILLISECOND, Connection.TIME_WAIT_NANOS);
    assertThat(poll(simulation.client)).isEqualTo(-1);
  }

  @Test
  void bothFinishAtOnce() throws Exception {
    Simulation simulation = Simulation.established();
    simulation.client.finish();
    simulation.server.finish();
    simulation.pump();
    simulation.step(Long.MAX_VALUE);
    assertThat(simulation.client.state() == State.CLOSING)
        .isNotEqualTo(simulation.server.state() == State.CLOSING);
    simulation.settle();
    assertThat(simulation.client.state()).isEqualTo(State.TIME_WAIT);
    assertThat(simulation.server.state()).isEqualTo(State.TIME_WAIT);
  }

  @Test
  void bothOpenAtOnce() throws Exception {
    Simulation simulation = new Simulation(Simulation.SETTINGS);
    simulation.server = Connection.open(Simulation.SETTINGS, 77, () -> {});
    simulation.settle();
    assertThat(simulation.client.state()).isEqualTo(State.ESTABLISHED);
    assertThat(simulation.server.state()).isEqualTo(State.ESTABLISHED);
    byte[] bytes = random(10_000);
    assertThat(simulation.transfer(simulation.client, simulation.server, bytes)).isEqualTo(bytes);
  }

  @Test
  void nobodyAnswersUntilTimeIsUp() {
    Simulation simulation = new Simulation(Simulation.SETTINGS);
    simulation.network((toServer, segment) -> List.of());
    simulation.until("given up", () -> simulation.client.state() == State.CLOSED);
    assertThat(simulation.sent()).hasSize(1 + Sender.MOST_SYN_RETRIES);
    assertThatThrownBy(() -> simulation.client.awaitEstablished(1))
        .hasMessage("connection timed out");
  }

  @Test
  void aRefusalEndsTheOpening() {
    Simulation simulation = new Simulation(Simulation.SETTINGS);
    simulation.pump();
    Segment refusal = simulation.sent().getFirst().refusal();
    assertThat(refusal.flags()).isEqualTo(TcpFlags.RST | TcpFlags.ACK);
    simulation.client.receive(refusal, 0);
    assertThatThrownBy(() -> simulation.client.awaitEstablished(1))
        .hasMessage("connection refused");
  }

  @Test
  void aPeerThatGoesSilentIsGivenUpInTheEnd() throws Exception {
    Simulation simulation = Simulation.established();
    simulation.network((toServer, segment) -> List.of());
    simulation.client.offer(random(100), 0, 100);
    simulation.until("given up", () -> simulation.client.state() == State.CLOSED);
    assertThat(simulation.now()).isGreaterThan(100_000 * MILLISECOND);
    assertThatThrownBy(() -> poll(simulation.client)).hasMessage("connection timed out");
  }

  /// 5 % lost, 5 % twice, all somewhat out of order.
  @ParameterizedTest
  @ValueSource(longs = {SEED, 1, 2, 3, 4, 5, 6, 7, 8, 9})
  void aBadNetworkChangesNothing(long seed) throws Exception {
    Random random = new Random(seed);
    Simulation simulation = new Simulation(Simulation.SETTINGS);
    simulation.network((toServer, segment) -> badDelays(random));
    simulation.until(
        "agreed",
        () ->
            simulation.client.state() == State.ESTABLISHED
                && simulation.server.state() == State.ESTABLISHED);
    byte[] bytes = random(1 << 20);
    assertThat(simulation.transfer(simulation.client, simulation.server, bytes)).isEqualTo(bytes);
    simulation.client.close(simulation.now());
    simulation.server.close(simulation.now());
    simulation.until(
        "closed",
        () ->
            simulation.client.state() == State.CLOSED && simulation.server.state() == State.CLOSED);
  }

  private static List<Long> badDelays(Random random) {
    List<Long> delays = new ArrayList<>();
    int copies = random.nextInt(20) == 0 ? 0 : random.nextInt(20) == 0 ? 2 : 1;
    for (int i = 0; i < copies; i++) {
      delays.add(MILLISECOND + random.nextLong(random.nextInt(10) == 0 ? 5 * MILLISECOND : 1));
    }
    return delays;
  }

  /// Faster than any timer: three acknowledgements that repeat say what is missing.
  @Test
  void oneLostSegmentIsSentAgainWithoutWaiting() throws Exception {
    Simulation simulation = Simulation.established();
    int[] data = {0};
    simulation.network((toServer, segment) ->
        segment.data().length > 0 && ++data[0] == 20 ? List.of() : List.of(MILLISECOND));
    byte[] bytes = random(200_000);
    long since = simulation.now();
    assertThat(simulation.transfer(simulation.client, simulation.server, bytes)).isEqualTo(bytes);
    assertThat(data[0]).isGreaterThan(20);
    assertThat(simulation.now() - since).isLessThan(RoundTrip.LEAST_NANOS);
  }

  @Test
  void aFullBufferStopsTheSenderWhichAsksUntilThereIsRoom() throws Exception {
    Simulation simulation = Simulation.established();
    byte[] bytes = random(200_000);
    int written = simulation.client.offer(bytes, 0, bytes.length);
    simulation.settle();
    written += simulation.client.offer(bytes, written, bytes.length - written);
    assertThat(written).isEqualTo(2 * Simulation.SETTINGS.bufferBytes());
    assertThat(simulation.sent().getLast().window()).isZero();
    long end = simulation.now() + 3_600_000 * MILLISECOND;
    int before = simulation.sent().size();
    while (simulation.step(end)) {
      assertThat(simulation.client.state()).isEqualTo(State.ESTABLISHED);
    }
    assertThat(simulation.sent().size() - before).isBetween(60, 200);
    simulation.network((toServer, segment) -> toServer ? List.of(MILLISECOND) : List.of());
    byte[] came = new byte[bytes.length];
    int read = simulation.server.poll(came, 0, 1 << 16);
    simulation.settle();
    simulation.network((toServer, segment) -> List.of(MILLISECOND));
    while (read < written) {
      assertThat(simulation.step(Long.MAX_VALUE)).isTrue();
      read += simulation.server.poll(came, read, came.length - read);
    }
    assertThat(came).startsWith(Arrays.copyOf(bytes, written));
  }

  @Test
  void aResetCountsOnlyWhereTheStreamStands() throws Exception {
    Simulation simulation = Simulation.established();
    Segment last = simulation.sent().getLast();
    int expected = last.sequence();
    int before = simulation.sent().size();
    simulation.inject(simulation.server, s -> Segment.bare(expected + 9, 0, TcpFlags.RST, 0), last);
    simulation.inject(simulation.server, s -> Segment.bare(expected - 9, 0, TcpFlags.RST, 0), last);
    assertThat(simulation.server.state()).isEqualTo(State.ESTABLISHED);
    assertThat(simulation.sent()).as("the first is challenged").hasSize(before + 1);
    simulation.inject(simulation.server, s -> Segment.bare(expected, 0, TcpFlags.RST, 0), last);
    assertThat(simulation.server.state()).isEqualTo(State.CLOSED);
    assertThatThrownBy(() -> poll(simulation.server)).hasMessage("connection reset by peer");
  }

  @Test
  void aSynInTheMiddleIsChallengedAndSoIsWhatWasNeverSent() throws Exception {
    Simulation simulation = Simulation.established();
    Segment last = simulation.sent().getLast();
    int before = simulation.sent().size();
    simulation.inject(
        simulation.server, s -> Segment.bare(s.sequence(), 0, TcpFlags.SYN, 100), last);
    simulation.inject(
        simulation.server,
        s -> Segment.bare(s.sequence(), s.acknowledgement() + 500, TcpFlags.ACK, 100),
        last);
    assertThat(simulation.server.state()).isEqualTo(State.ESTABLISHED);
    assertThat(simulation.sent().subList(before, before + 2))
        .allMatch(segment -> segment.flags() == TcpFlags.ACK);
  }

  @Test
  void challengesAreCountedSoThatTwoSidesCannotKeepEachOtherBusy() throws Exception {
    Simulation simulation = Simulation.established();
    Segment last = simulation.sent().getLast();
    int before = simulation.sent().size();
    simulation.network((toServer, segment) -> List.of());
    for (int i = 0; i < 1000; i++) {
      simulation.inject(
          simulation.server,
          s -> Segment.bare(s.sequence() - 77, s.acknowledgement(), TcpFlags.ACK, 100),
          last);
    }
    assertThat(simulation.sent().size() - before).isEqualTo(100);
  }

  @Test
  void closingWithBytesUnreadTellsThePeerThatTheyAreLost() throws Exception {
    Simulation simulation = Simulation.established();
    simulation.client.offer(random(10), 0, 10);
    simulation.settle();
    simulation.server.close(simulation.now());
    simulation.settle();
    assertThatThrownBy(() -> poll(simulation.client)).hasMessage("connection reset by peer");
    assertThatThrownBy(() -> simulation.client.offer(NONE, 0, 0)).isInstanceOf(IOException.class);
  }

  @Test
  void aPeerThatNeverClosesIsNotWaitedForForever() throws Exception {
    Simulation simulation = Simulation.established();
    simulation.client.close(simulation.now());
    simulation.settle();
    assertThat(simulation.client.state()).isEqualTo(State.FIN_WAIT_2);
    simulation.until("given up", () -> simulation.client.state() == State.CLOSED);
  }

  @Test
  void aPeerThatTakesNothingMoreIsNotWaitedForForever() throws Exception {
    Simulation simulation = Simulation.established();
    for (int i = 0; i < 2; i++) {
      simulation.client.offer(random(1 << 16), 0, 1 << 16);
      simulation.settle();
    }
    simulation.client.close(simulation.now());
    long since = simulation.now();
    simulation.until("given up", () -> simulation.client.state() == State.CLOSED);
    assertThat(simulation.now() - since).isEqualTo(Connection.ORPHAN_NANOS);
    simulation.settle();
    assertThat(simulation.server.state()).isEqualTo(State.CLOSED);
    assertThat(simulation.server.poll(new byte[1 << 16], 0, 1 << 16)).isEqualTo(1 << 16);
    assertThatThrownBy(() -> poll(simulation.server)).hasMessage("connection reset by peer");
  }

  @Test
  void piecesBehindAGapAreBoundedAndOverlapsDoNotMatter() {
    Receiver receiver = new Receiver(0, 1 << 16, 1460);
    for (int i = 0; i < 2 * Receiver.MOST_PIECES; i++) {
      receiver.accept(11 + 20 * i, new byte[] {1, 2, 3}, false);
    }
    byte[] all = random(5000);
    receiver.accept(1, all, false);
    assertThat(receiver.available()).isEqualTo(5000);
    byte[] came = new byte[6000];
    assertThat(receiver.read(came, 0, came.length)).isEqualTo(5000);
    assertThat(receiver.next()).isEqualTo(5001);
  }

  @Test
  void nothingIsTakenBehindTheEndOfTheStream() {
    Receiver receiver = new Receiver(0, 1 << 16, 1460);
    receiver.accept(6, new byte[] {6, 7, 8, 9}, false);
    receiver.accept(4, new byte[] {4}, true);
    receiver.accept(1, new byte[] {1, 2, 3}, false);
    assertThat(receiver.isFinished()).isTrue();
    assertThat(receiver.available()).isEqualTo(4);
    assertThat(receiver.accept(6, new byte[] {6}, false)).isEqualTo(Receiver.Taken.APART);
    assertThat(receiver.available()).isEqualTo(4);
  }

  /// Segments of random fields near what is expected, to a connection in every state.
  @Test
  void noSegmentsBreakIt() throws Exception {
    Random random = new Random(SEED);
    for (int round = 0; round < 3000; round++) {
      Simulation simulation =
          random.nextInt(4) == 0 ? new Simulation(Simulation.SETTINGS) : Simulation.established();
      simulation.pump();
      simulation.network((toServer, segment) -> List.of());
      Segment last = simulation.sent().getLast();
      for (int i = 0; i < 20; i++) {
        act(simulation, random);
        simulation.client.receive(mangled(last, random), simulation.now());
        simulation.pump();
        simulation.step(simulation.now() + 10_000 * MILLISECOND);
      }
      assertThat(simulation.sent().size()).isLessThan(4000);
    }
  }

  private static void act(Simulation simulation, Random random) {
    try {
      switch (random.nextInt(8)) {
        case 0 -> simulation.client.finish();
        case 1 -> simulation.client.close(simulation.now());
        case 2, 3 -> simulation.client.offer(new byte[5000], 0, 5000);
        case 4 -> poll(simulation.client);
        default -> {
          // The peer's turn.
        }
      }
    } catch (IOException e) {
      assertThat(e).hasMessageMatching("closed|connection .*");
    }
  }

  private static Segment mangled(Segment last, Random random) {
    int near = random.nextInt(8) == 0 ? random.nextInt() : random.nextInt(6) - 2;
    boolean plain = random.nextBoolean();
    return new Segment(
        last.acknowledgement() + (plain ? 0 : near),
        last.sequence() + random.nextInt(3),
        plain ? TcpFlags.ACK : random.nextInt(256),
        random.nextInt(1 << 16),
        random.nextInt(4) == 0 ? random.nextInt(1 << 16) : Segment.ABSENT,
        random.nextInt(4) == 0 ? random.nextInt(256) : Segment.ABSENT,
        new byte[random.nextInt(3) == 0 ? random.nextInt(2000) : 0]);
  }
}
