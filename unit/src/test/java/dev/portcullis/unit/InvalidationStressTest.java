package dev.portcullis.unit;

import static dev.portcullis.unit.TestUnit.DOMAIN;
import static dev.portcullis.unit.TestUnit.READ_WRITE;
import static dev.portcullis.unit.TestUnit.SOURCE;
import static dev.portcullis.unit.TestUnit.STATUS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.spec.descriptor.InvalidationDescriptor;
import dev.portcullis.spec.descriptor.InvalidationWait;
import dev.portcullis.spec.descriptor.IotlbInvalidate;
import dev.portcullis.unit.drain.InFlight;
import dev.portcullis.unit.policy.CacheSizes;
import dev.portcullis.unit.request.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Devices translate without pause while software moves pages and invalidates: once a wait has
/// completed, no request that begins uses what was there before, and none of before is under way.
class InvalidationStressTest {
  private static final int PAGES = 32;
  private static final int DEVICES = 2;
  private static final int MOVES = 1_000;
  private static final int MOVES_PER_LOOK = 8;
  private static final long FRAMES = 0x100_0000;

  /// Small caches, so that entries push each other out all the time.
  private final TestUnit test =
      new TestUnit(UnitConfiguration.builder().caches(new CacheSizes(16, 4, 4, 1, 4)).build());

  /// By page, the oldest generation of frame that a request may still meet.
  private final AtomicLongArray oldest = new AtomicLongArray(PAGES);

  private final AtomicBoolean stop = new AtomicBoolean();
  private final AtomicLong violations = new AtomicLong();
  private final AtomicLong requests = new AtomicLong();

  /// Frame of generation `generation` of a page; the number can be told from the address.
  private static long frame(int page, long generation) {
    return FRAMES + (generation * PAGES + page << 12);
  }

  private static long generation(long hpa) {
    return (hpa - FRAMES >> 12) / PAGES;
  }

  private void device(int seed) {
    InFlight inFlight = test.unit.inFlight();
    long random = seed;
    while (!stop.get()) {
      random = random * 6364136223846793005L + 1442695040888963407L;
      int page = (int) (random >>> 40) & PAGES - 1;
      int ticket = inFlight.enter(1);
      long atLeast = oldest.get(page);
      long hpa = test.unit.translate(SOURCE, (long) page << 12, Request.WRITE);
      if ((random >>> 50 & 15) == 0) {
        accessMemory();
      }
      // Software may not have been told that the old frame is free before this request leaves.
      boolean valid = hpa >= 0 && generation(hpa) >= atLeast;
      boolean stillAllowed = generation(hpa) >= oldest.get(page);
      inFlight.exit(ticket, 1);
      if (!valid || !stillAllowed) {
        violations.incrementAndGet();
      }
      requests.incrementAndGet();
    }
  }

  /// Returns when a request has been made since, however few processors there are for it.
  private void awaitRequests() {
    long before = requests.get();
    while (requests.get() == before) {
      Thread.yield();
    }
  }

  /// Takes a while, as a memory access does.
  private static void accessMemory() {
    for (int i = 0; i < 20; i++) {
      Thread.onSpinWait();
    }
  }

  @Test
  @Timeout(120)
  void afterAWaitNoRequestUsesWhatWasInvalidatedBeforeIt() throws InterruptedException {
    long tables = test.attach(4);
    long[] leaves = new long[PAGES];
    for (int page = 0; page < PAGES; page++) {
      leaves[page] = test.map(tables, 4, 1, (long) page << 12, frame(page, 0) | READ_WRITE);
    }
    test.enable();
    test.enableQueue();
    List<Thread> devices = new ArrayList<>();
    for (int i = 0; i < DEVICES; i++) {
      int seed = i;
      devices.add(Thread.ofPlatform().daemon().start(() -> device(seed)));
    }

    for (int move = 1; move <= MOVES; move++) {
      int page = move * 7 % PAGES;
      long generation = oldest.get(page) + 1;
      test.store(leaves[page], frame(page, generation) | READ_WRITE);
      test.store(STATUS, 0);
      test.submit(invalidation(move, page), InvalidationWait.status(STATUS, move));
      assertThat(test.load(STATUS)).isEqualTo(move);
      oldest.set(page, generation);
      if (move % MOVES_PER_LOOK == 0) {
        awaitRequests();
      }
    }
    stop.set(true);
    for (Thread device : devices) {
      device.join();
    }

    assertThat(violations).hasValue(0);
    assertThat(requests.get()).isGreaterThanOrEqualTo(MOVES / MOVES_PER_LOOK);
    assertThat(test.unit.inFlight().underWay()).isZero();
  }

  private static InvalidationDescriptor.Valid invalidation(int move, int page) {
    return switch (move % 16) {
      case 0 -> IotlbInvalidate.global();
      case 1 -> IotlbInvalidate.domain(DOMAIN);
      case 2 -> IotlbInvalidate.pages(DOMAIN, (long) page << 12, 9);
      default -> IotlbInvalidate.pages(DOMAIN, (long) page << 12, 0);
    };
  }
}
