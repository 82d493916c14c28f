package dev.portcullis.guest.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PageAllocatorTest {
  private static final int PAGE = PageAllocator.PAGE_BYTES;
  private static final long MEBIBYTE = 1 << 20;
  private static final long SEED = 20261123;

  private final PageAllocator memory = new PageAllocator(2 * MEBIBYTE);

  @Test
  void theFirstMebibyteIsNotHandedOut() throws OutOfMemoryException {
    assertThat(memory.allocate(1)).isEqualTo(MEBIBYTE);
    assertThat(memory.freeBytes()).isEqualTo(MEBIBYTE - PAGE);
  }

  @Test
  void aMemoryThatHasNothingElseHandsOutNothing() {
    PageAllocator tiny = new PageAllocator(MEBIBYTE);
    assertThat(tiny.freeBytes()).isZero();
    assertThatThrownBy(() -> tiny.allocate(1)).isInstanceOf(OutOfMemoryException.class);
  }

  @Test
  void lengthsAreRoundedUpToPages() throws OutOfMemoryException {
    memory.allocate(PAGE + 1);
    assertThat(memory.freeBytes()).isEqualTo(MEBIBYTE - 2 * PAGE);
  }

  @Test
  void whatIsNotThereIsToldAndNothingIsTaken() {
    assertThatThrownBy(() -> memory.allocate(MEBIBYTE + 1))
        .isInstanceOf(OutOfMemoryException.class);
    assertThatThrownBy(() -> memory.allocate(Long.MAX_VALUE))
        .isInstanceOf(OutOfMemoryException.class);
    assertThat(memory.freeBytes()).isEqualTo(MEBIBYTE);
  }

  @Test
  void alignmentIsKeptAndTheGapStaysFree() throws OutOfMemoryException {
    memory.allocate(PAGE);
    assertThat(memory.allocate(PAGE, 16 * PAGE)).isEqualTo(MEBIBYTE + 16 * PAGE);
    assertThat(memory.allocate(15 * PAGE)).isEqualTo(MEBIBYTE + PAGE);
    assertThat(memory.freeBytes()).isEqualTo(MEBIBYTE - 17 * PAGE);
    assertThatThrownBy(() -> memory.allocate(PAGE, 3 * PAGE))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void pagesAreNotGivenBackTwice() throws OutOfMemoryException {
    long gpa = memory.allocate(4 * PAGE);
    memory.free(gpa, 4 * PAGE);
    assertThatThrownBy(() -> memory.free(gpa + PAGE, PAGE))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> memory.free(0, PAGE)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> memory.free(2 * MEBIBYTE, PAGE))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> memory.free(gpa + 1, 1)).isInstanceOf(IllegalArgumentException.class);
    assertThat(memory.freeBytes()).isEqualTo(MEBIBYTE);
  }

  @Test
  void noPageIsHandedOutTwiceWhateverTheOrder() throws OutOfMemoryException {
    SplittableRandom random = new SplittableRandom(SEED);
    BitSet taken = new BitSet();
    List<long[]> held = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) {
      if (held.isEmpty() || random.nextInt(5) < 3) {
        long bytes = random.nextLong(1, 9 * PAGE);
        take(bytes, PAGE << random.nextInt(4), taken, held);
      } else {
        long[] one = held.remove(random.nextInt(held.size()));
        memory.free(one[0], one[1]);
        taken.clear((int) (one[0] / PAGE), (int) ((one[0] + one[1] + PAGE - 1) / PAGE));
      }
      assertThat(memory.freeBytes()).isEqualTo(MEBIBYTE - (long) taken.cardinality() * PAGE);
    }
    for (long[] one : held) {
      memory.free(one[0], one[1]);
    }
    assertThat(memory.allocate(MEBIBYTE)).isEqualTo(MEBIBYTE);
  }

  private void take(long bytes, long alignment, BitSet taken, List<long[]> held) {
    long gpa;
    try {
      gpa = memory.allocate(bytes, alignment);
    } catch (OutOfMemoryException e) {
      return;
    }
    assertThat(gpa % alignment).isZero();
    int first = (int) (gpa / PAGE);
    int end = (int) ((gpa + bytes + PAGE - 1) / PAGE);
    assertThat(taken.get(first, end).isEmpty()).isTrue();
    assertThat(gpa >= MEBIBYTE && gpa + bytes <= 2 * MEBIBYTE).isTrue();
    taken.set(first, end);
    held.add(new long[] {gpa, bytes});
  }
}
