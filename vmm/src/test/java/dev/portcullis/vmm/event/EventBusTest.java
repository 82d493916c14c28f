package dev.portcullis.vmm.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class EventBusTest {
  private static final int WAITING = 8;
  private static final Duration SHORT = Duration.ofMillis(1);

  private final EventSource source = SampleEvents.source();
  private final EventBus bus = new EventBus(source, new EventBus.Limits(WAITING, SHORT, SHORT));

  @AfterEach
  void close() {
    bus.close(SHORT);
  }

  /// Keeps what it gets, and does what the test says before.
  private static class TestSink implements EventSink {
    final List<Event> got = new CopyOnWriteArrayList<>();
    final CountDownLatch closed = new CountDownLatch(1);
    volatile IOException failure;

    void before(Event event) throws IOException {}

    @Override
    public String name() {
      return "test";
    }

    @Override
    public void accept(Event event) throws IOException {
      before(event);
      if (failure != null) {
        throw failure;
      }
      got.add(event);
    }

    @Override
    public void close() {
      closed.countDown();
    }

    List<Event> ofType(EventType type) {
      return got.stream().filter(event -> event.type() == type).toList();
    }

    long toldLost() {
      return ofType(EventType.EVENTS_LOST).stream()
          .filter(event -> event.data().get("sink").equals("stuck"))
          .mapToLong(event -> (long) event.data().get("count"))
          .sum();
    }
  }

  /// Takes nothing until it is let go.
  private static final class StuckSink extends TestSink {
    final CountDownLatch entered = new CountDownLatch(1);
    final CountDownLatch release = new CountDownLatch(1);

    @Override
    public String name() {
      return "stuck";
    }

    @Override
    void before(Event event) throws IOException {
      entered.countDown();
      try {
        release.await();
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
    }

    @Override
    public void close() {
      super.close();
      release.countDown();
    }
  }

  private static void until(BooleanSupplier condition) throws InterruptedException {
    while (!condition.getAsBoolean()) {
      TimeUnit.MILLISECONDS.sleep(1);
    }
  }

  @Test
  void everySinkGetsEveryEventInOrder() throws Exception {
    TestSink one = new TestSink();
    TestSink other = new TestSink();
    bus.add(one);
    bus.add(other);
    for (int i = 1; i <= 100; i++) {
      int count = i;
      bus.publish(SampleEvents.refused(source));
      until(() -> one.got.size() == count && other.got.size() == count);
    }
    assertThat(one.got).isEqualTo(other.got);
    assertThat(one.got).extracting(Event::sequence).isSorted();
  }

  @Test
  void aSinkThatIsStuckHoldsNobodyUp_andWhatItMissedIsTold() throws Exception {
    StuckSink stuck = new StuckSink();
    TestSink well = new TestSink();
    bus.add(stuck);
    bus.add(well);
    bus.publish(SampleEvents.refused(source));
    stuck.entered.await();
    for (int i = 2; i <= 1_000; i++) {
      int count = i;
      bus.publish(SampleEvents.refused(source));
      until(() -> well.got.size() == count);
    }
    assertThat(bus.status().getFirst())
        .isEqualTo(
            new SinkStatus(
                "stuck", WAITING, 0, 1_000 - 1 - WAITING, bus.status().getFirst().trouble()));

    stuck.release.countDown();
    until(() -> well.toldLost() == 1_000 - 1 - WAITING);
    // What was lost is told before the last of what waited comes.
    until(() -> stuck.ofType(EventType.FAULT_REFUSED).size() == 1 + WAITING);
    assertThat(stuck.toldLost()).as("told there, too").isEqualTo(well.toldLost());
    assertThat(bus.status().get(1).lost()).isZero();
  }

  @Test
  void whatFailsIsTriedAgainUntilItSucceeds() throws Exception {
    CountDownLatch tries = new CountDownLatch(5);
    TestSink sink =
        new TestSink() {
          @Override
          void before(Event event) {
            tries.countDown();
          }
        };
    sink.failure = new IOException("no space left");
    bus.add(sink);
    bus.publish(SampleEvents.refused(source));
    tries.await();
    until(() -> bus.status().getFirst().trouble().isPresent());
    assertThat(bus.status().getFirst().trouble().orElseThrow()).contains("no space left");
    sink.failure = null;
    until(() -> sink.got.size() == 1);
    until(() -> bus.status().getFirst().trouble().isEmpty());
    assertThat(bus.status().getFirst().lost()).isZero();
  }

  @Test
  void anEventThatASinkCannotTakeAtAllIsLost_andTheNextIsNot() throws Exception {
    TestSink sink =
        new TestSink() {
          @Override
          void before(Event event) {
            if (event.sequence() == 1) {
              throw new IllegalStateException("a bug");
            }
          }
        };
    bus.add(sink);
    bus.publish(SampleEvents.refused(source));
    bus.publish(SampleEvents.refused(source));
    until(() -> sink.ofType(EventType.EVENTS_LOST).size() == 1);
    assertThat(sink.ofType(EventType.FAULT_REFUSED)).hasSize(1);
  }

  @Test
  void whatWaitsIsDeliveredBeforeItCloses() {
    TestSink sink = new TestSink();
    bus.add(sink);
    for (int i = 0; i < WAITING; i++) {
      bus.publish(SampleEvents.refused(source));
    }
    bus.close(Duration.ofSeconds(30));
    assertThat(sink.got).hasSize(WAITING);
    assertThat(sink.closed.getCount()).isZero();
    bus.publish(SampleEvents.refused(source));
    assertThat(bus.status().getFirst().lost()).as("too late").isEqualTo(1);
  }

  @Test
  void aSinkThatIsStuckDoesNotHoldTheEndUp() throws Exception {
    StuckSink stuck = new StuckSink();
    bus.add(stuck);
    bus.publish(SampleEvents.refused(source));
    stuck.entered.await();
    bus.publish(SampleEvents.refused(source));
    bus.close(SHORT);
    assertThat(stuck.closed.getCount()).isZero();
    assertThat(bus.status().getFirst().lost()).isPositive();
  }

  @Test
  void theRingKeepsTheLatest() {
    EventRing ring = new EventRing(3);
    for (int i = 0; i < 5; i++) {
      ring.accept(SampleEvents.refused(source));
    }
    assertThat(ring.latest()).extracting(Event::sequence).containsExactly(3L, 4L, 5L);
    assertThat(ring.dropped()).isEqualTo(2);
    assertThatThrownBy(() -> new EventRing(0)).isInstanceOf(IllegalArgumentException.class);
  }
}
