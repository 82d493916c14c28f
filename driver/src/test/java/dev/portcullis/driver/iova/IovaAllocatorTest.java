package dev.portcullis.driver.iova;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.driver.port.DriverException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class IovaAllocatorTest {
  private static final long PAGE = 4096;
  private static final long NO_LIMIT = Long.MAX_VALUE;

  private final IovaAllocator allocator = new IovaAllocator(PAGE, 1L << 32);

  @Test
  void rangesAreAlignedToTheirSize() throws Exception {
    for (long bytes : new long[] {PAGE, 3 * PAGE, 2 << 20, PAGE, 5 << 20, 1 << 30}) {
      long size = Long.highestOneBit(2 * bytes - 1);
      assertThat(allocator.allocate(bytes, NO_LIMIT) % size).isZero();
    }
  }

  @Test
  void theHighestAddressesGoFirst() throws Exception {
    assertThat(allocator.allocate(PAGE, NO_LIMIT)).isEqualTo((1L << 32) - PAGE);
    assertThat(allocator.allocate(PAGE, NO_LIMIT)).isEqualTo((1L << 32) - 2 * PAGE);
  }

  @Test
  void aRangeEndsBelowTheLimit() throws Exception {
    assertThat(allocator.allocate(2 * PAGE, 1 << 24)).isEqualTo((1 << 24) - 2 * PAGE);
    long high = allocator.allocate(PAGE, NO_LIMIT);
    allocator.free(high, PAGE);
    assertThat(allocator.allocate(PAGE, 1 << 24)).as("not the one kept").isLessThan(1 << 24);
  }

  @Test
  void whatIsKeptIsGivenBackWhenNothingElseIsLeft() throws Exception {
    IovaAllocator small = new IovaAllocator(0, 4 * PAGE);
    List<Long> pages = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      pages.add(small.allocate(PAGE, NO_LIMIT));
    }
    assertThatThrownBy(() -> small.allocate(PAGE, NO_LIMIT))
        .isInstanceOfSatisfying(
            DriverException.class,
            e -> assertThat(e.reason()).isEqualTo(DriverException.Reason.OUT_OF_ADDRESSES));
    pages.forEach(page -> small.free(page, PAGE));
    assertThat(small.allocate(4 * PAGE, NO_LIMIT)).isZero();
  }

  @Test
  void whatWasNotAllocatedIsNotTakenBack() {
    assertThatThrownBy(() -> allocator.free(1L << 32, PAGE))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> allocator.free(1 << 20, 1 << 20))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void noTwoRangesEverOverlap() throws Exception {
    SplittableRandom random = new SplittableRandom(7);
    IovaAllocator busy = new IovaAllocator(0, 1024 * PAGE);
    BitSet taken = new BitSet();
    List<long[]> live = new ArrayList<>();
    for (int step = 0; step < 20_000; step++) {
      if (random.nextInt(5) < 3) {
        long bytes = PAGE << random.nextInt(8);
        long limit = PAGE * (256 + random.nextInt(1024));
        try {
          long iova = busy.allocate(bytes, limit);
          assertThat(iova + bytes).isLessThanOrEqualTo(limit);
          int first = (int) (iova / PAGE);
          int end = first + (int) (bytes / PAGE);
          assertThat(taken.get(first, end).isEmpty()).isTrue();
          taken.set(first, end);
          live.add(new long[] {iova, bytes});
        } catch (DriverException full) {
          assertThat(live).isNotEmpty();
        }
      } else if (!live.isEmpty()) {
        long[] one = live.remove(random.nextInt(live.size()));
        busy.free(one[0], one[1]);
        taken.clear((int) (one[0] / PAGE), (int) ((one[0] + one[1]) / PAGE));
      }
    }
    live.forEach(one -> busy.free(one[0], one[1]));
    assertThat(busy.allocate(1024 * PAGE, NO_LIMIT)).as("all of it is free again").isZero();
  }
}
