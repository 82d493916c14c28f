package dev.portcullis.net.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;

/// Two connections and a network between them, in a time of its own.
final class Simulation {
  static final long MILLISECOND = 1_000_000L;
  static final Settings SETTINGS = new Settings(1 << 16, 1460);

  private static final int MOST_EVENTS = 2_000_000;

  /// A segment on its way, in the form it has there.
  ///
  /// @param order tells those apart that arrive at the same time
  record Flight(long atNanos, long order, Connection to, byte[] bytes)
      implements Comparable<Flight> {
    @Override
    public int compareTo(Flight other) {
      int byTime = Long.compare(atNanos, other.atNanos);
      return byTime != 0 ? byTime : Long.compare(order, other.order);
    }
  }

  /// What the network does with a segment: nothing, one or several copies, earlier or later.
  interface Network {
    List<Long> delays(boolean toServer, Segment segment);
  }

  private final PriorityQueue<Flight> flights = new PriorityQueue<>();
  private final List<Segment> sent = new ArrayList<>();
  private Network network = (toServer, segment) -> List.of(MILLISECOND);
  private long now;
  private long order;
  final Connection client;
  Connection server;

  Simulation(Settings settings) {
    client = Connection.open(settings, -5, () -> {});
  }

  /// Two sides that agree, over a network without faults.
  static Simulation established() throws Exception {
    Simulation simulation = new Simulation(SETTINGS);
    simulation.settle();
    assertThat(simulation.client.state()).isEqualTo(State.ESTABLISHED);
    assertThat(simulation.server.state()).isEqualTo(State.ESTABLISHED);
    return simulation;
  }

  Simulation network(Network through) {
    network = through;
    return this;
  }

  long now() {
    return now;
  }

  /// All segments sent until now, both ways.
  List<Segment> sent() {
    return sent;
  }

  /// Has both sides send what they want to.
  void pump() {
    pump(client);
    if (server != null) {
      pump(server);
    }
  }

  private void pump(Connection from) {
    List<Segment> segments = from.send(now);
    while (!segments.isEmpty()) {
      for (Segment segment : segments) {
        carry(from == client, segment);
      }
      segments = from.send(now);
    }
  }

  private void carry(boolean toServer, Segment segment) {
    sent.add(segment);
    ByteBuffer bytes = ByteBuffer.allocate(segment.bytes());
    segment.encode(bytes, 1, 2);
    assertThat(bytes.hasRemaining()).isFalse();
    for (long delay : network.delays(toServer, segment)) {
      flights.add(new Flight(now + delay, order++, toServer ? null : client, bytes.array()));
    }
  }

  /// Gives a side a segment as if it had come.
  void inject(Connection to, UnaryOperator<Segment> change, Segment segment) {
    to.receive(change.apply(segment), now);
    pump();
  }

  /// Carries out the next thing that happens.
  ///
  /// @return whether there was one before `untilNanos`
  boolean step(long untilNanos) {
    pump();
    long timers =
        Math.min(client.deadlineNanos(), server == null ? Long.MAX_VALUE : server.deadlineNanos());
    long arrival = flights.isEmpty() ? Long.MAX_VALUE : flights.peek().atNanos;
    long at = Math.min(timers, arrival);
    if (at > untilNanos || at == Long.MAX_VALUE) {
      return false;
    }
    now = Math.max(now, at);
    if (arrival <= timers) {
      arrive(flights.remove());
    } else {
      client.tick(now);
      if (server != null) {
        server.tick(now);
      }
    }
    pump();
    return true;
  }

  private void arrive(Flight flight) {
    Segment segment = Segment.decode(flight.bytes, 0, flight.bytes.length);
    if (flight.to != null) {
      flight.to.receive(segment, now);
    } else if (server == null) {
      server = Connection.accept(SETTINGS, Integer.MAX_VALUE - 2, segment, () -> {});
    } else {
      server.receive(segment, now);
    }
  }

  /// Goes on until nothing is on its way, timers aside.
  void settle() {
    pump();
    while (!flights.isEmpty()) {
      step(Long.MAX_VALUE);
    }
  }

  /// Goes on until it is so.
  void until(String what, BooleanSupplier isSo) {
    for (int i = 0; i < MOST_EVENTS && !isSo.getAsBoolean(); i++) {
      if (!step(Long.MAX_VALUE)) {
        break;
      }
    }
    assertThat(isSo.getAsBoolean()).as(what).isTrue();
  }

  /// Moves `bytes` from one side to the other, the reader reading at once.
  byte[] transfer(Connection from, Connection to, byte[] bytes) throws Exception {
    byte[] came = new byte[bytes.length];
    int written = 0;
    int read = 0;
    for (int i = 0; i < MOST_EVENTS && read < bytes.length; i++) {
      written += from.offer(bytes, written, bytes.length - written);
      read += to.poll(came, read, bytes.length - read);
      if (read < bytes.length) {
        assertThat(step(Long.MAX_VALUE)).as("something happens before all has come").isTrue();
      }
    }
    return came;
  }
}
