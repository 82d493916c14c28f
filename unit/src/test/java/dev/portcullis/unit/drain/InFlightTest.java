package dev.portcullis.unit.drain;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

class InFlightTest {
  private final InFlight inFlight = new InFlight();

  @Test
  void nothingUnderWayDrainsAtOnce() {
    Assertions.assertTimeoutPreemptively(Duration.ofSeconds(10), inFlight::drain);
  }

  @Test
  void requestsAreCountedByNumber() {
    int ticket = inFlight.enter(512);
    assertThat(inFlight.underWay()).isEqualTo(512);
    inFlight.exit(ticket, 512);
    inFlight.exit(inFlight.enter(3), 3);
    assertThat(inFlight.underWay()).isZero();
    assertThat(inFlight.entered()).isEqualTo(515);
  }

  @Test
  void aDrainWaitsForWhoCameBeforeAndNotForWhoComesAfter() throws InterruptedException {
    int before = inFlight.enter(1);
    CountDownLatch drained = new CountDownLatch(1);
    Thread drainer =
        Thread.ofPlatform()
            .start(() -> {
              inFlight.drain();
              drained.countDown();
            });
    awaitParked(drainer);
    assertThat(drained.getCount()).isEqualTo(1);

    int after = inFlight.enter(1);
    inFlight.exit(before, 1);
    assertThat(drained.await(10, TimeUnit.SECONDS)).isTrue();
    inFlight.exit(after, 1);
    drainer.join();
  }

  @Test
  void aStreamOfRequestsDoesNotHoldADrainUp() {
    Thread device =
        Thread.ofPlatform()
            .daemon()
            .start(() -> {
              int last = inFlight.enter(1);
              while (!Thread.currentThread().isInterrupted()) {
                int next = inFlight.enter(1);
                inFlight.exit(last, 1);
                last = next;
              }
              inFlight.exit(last, 1);
            });
    Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(30),
        () -> {
          for (int i = 0; i < 100; i++) {
            inFlight.drain();
          }
        });
    device.interrupt();
  }

  private static void awaitParked(Thread thread) {
    while (thread.getState() != Thread.State.TIMED_WAITING) {
      Thread.onSpinWait();
    }
  }
}
