package dev.portcullis.unit;

import static dev.portcullis.unit.TestUnit.READ_WRITE;
import static dev.portcullis.unit.TestUnit.SOURCE;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.portcullis.unit.drain.InFlight;
import dev.portcullis.unit.request.Request;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

class AllocationTest {
  private static final int PAGES = 16_384;
  private static final int ROUNDS = 20;

  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private final TestUnit test = TestUnit.legacy();
  private long sum;

  private void mapPages() {
    long tables = test.attach(4);
    for (int i = 0; i < PAGES; i++) {
      test.map(tables, 4, 1, (long) i << 12, (long) i << 12 | READ_WRITE);
    }
    test.enable();
  }

  private void translate(int pages) {
    InFlight inFlight = test.unit.inFlight();
    for (int i = 0; i < PAGES; i++) {
      int ticket = inFlight.enter(1);
      sum += test.unit.translate(SOURCE, (long) (i % pages) << 12, Request.READ);
      inFlight.exit(ticket, 1);
    }
  }

  /// The least that any of several rounds allocates: what the machine itself allocates once, while
  /// it links and compiles, is not the translation's.
  private long allocatedBy(int pages) {
    long least = Long.MAX_VALUE;
    for (int round = 0; round < ROUNDS; round++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      translate(pages);
      least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
    }
    return least;
  }

  @Test
  void aTranslationAllocatesNothingWhetherTheCachesKnowItOrNot() {
    mapPages();
    assertThat(allocatedBy(64)).as("hits").isZero();
    assertThat(allocatedBy(PAGES)).as("misses").isZero();
    assertThat(test.unit.statistics().walks()).isGreaterThan(PAGES);
    assertThat(sum).isPositive();
  }
}
