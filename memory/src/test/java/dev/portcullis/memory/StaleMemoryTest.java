package dev.portcullis.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

class StaleMemoryTest {
  private static final long BASE = 0x1_0000;
  private static final long BYTES = 64L * StaleMemory.LINES + 32;

  private final MemoryMap memory = new MemoryMap();
  private final MappedRegion region =
      new MappedRegion(BASE, Arena.ofAuto().allocate(BYTES, 64), MemoryRegion.Access.READ_WRITE);
  private final StaleMemory stale = new StaleMemory(memory);
  private final Fetched fetched = new Fetched();

  StaleMemoryTest() {
    memory.add(region);
  }

  private long fetch(long hpa) {
    assertThat(stale.fetch64(hpa, fetched)).isTrue();
    return fetched.lo;
  }

  @Test
  void aLineIsServedAsItWasUntilItIsFlushed() {
    assertThat(fetch(BASE + 8)).isZero();
    memory.store64(BASE + 8, 1);
    memory.store64(BASE + 56, 7);
    memory.store64(BASE + 64, 2);
    assertThat(fetch(BASE + 8)).isZero();
    assertThat(fetch(BASE + 56)).isZero();
    assertThat(fetch(BASE + 64)).isEqualTo(2);
    stale.flushed(BASE + 63, 1);
    assertThat(fetch(BASE + 8)).isEqualTo(1);
    assertThat(stale.fetch128(BASE + 48, fetched)).isTrue();
    assertThat(fetched.lo).isZero();
    assertThat(fetched.hi).isEqualTo(7);
  }

  @Test
  void aFlushReachesTheLinesItTouchesAndNoOther() {
    for (int line = 0; line < 4; line++) {
      fetch(BASE + 64L * line);
      memory.store64(BASE + 64L * line, 1);
    }
    stale.flushed(BASE + 127, 2);
    stale.flushed(BASE, 0);
    stale.flushed(BASE, -1);
    assertThat(fetch(BASE)).isZero();
    assertThat(fetch(BASE + 64)).isEqualTo(1);
    assertThat(fetch(BASE + 128)).isEqualTo(1);
    assertThat(fetch(BASE + 192)).isZero();
    stale.forget();
    assertThat(fetch(BASE)).isEqualTo(1);
  }

  @Test
  void whatGoesThroughTheViewIsSeenAtOnce() {
    fetch(BASE);
    memory.store64(BASE, 5);
    assertThat(stale.compareAndSet64(BASE, 0, 1)).isEqualTo(Exchange.CHANGED_MEANWHILE);
    assertThat(stale.compareAndSet64(BASE, 5, 6)).isEqualTo(Exchange.EXCHANGED);
    assertThat(fetch(BASE)).isEqualTo(6);
    assertThat(stale.or64(BASE, 9)).isTrue();
    assertThat(fetch(BASE)).isEqualTo(15);
    assertThat(stale.store32(BASE, 3)).isTrue();
    assertThat(fetch(BASE)).isEqualTo(3);
    assertThat(stale.store64(BASE, 4)).isTrue();
    assertThat(fetch(BASE)).isEqualTo(4);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate(8);
      bytes.set(ValueLayout.JAVA_BYTE, 0, (byte) 8);
      assertThat(stale.write(BASE, bytes, 0, 8)).isTrue();
      assertThat(fetch(BASE)).isEqualTo(8);
      assertThat(stale.read(BASE, bytes, 0, 8)).isTrue();
    }
  }

  @Test
  void anotherLineOfTheSamePlaceDisplacesALine() {
    MemoryMap two = new MemoryMap();
    StaleMemory view = new StaleMemory(two);
    long far = BASE + 64L * StaleMemory.LINES;
    view.add(
        new MappedRegion(
            BASE,
            Arena.ofAuto().allocate(2 * 64L * StaleMemory.LINES, 64),
            MemoryRegion.Access.READ_WRITE));
    view.fetch64(BASE, fetched);
    two.store64(BASE, 1);
    view.fetch64(far, fetched);
    view.fetch64(BASE, fetched);
    assertThat(fetched.lo).isEqualTo(1);
  }

  @Test
  void aLineThatIsNotAllMemoryIsNotKept() {
    long tail = BASE + 64L * StaleMemory.LINES;
    assertThat(fetch(tail)).isZero();
    memory.store64(tail, 1);
    assertThat(fetch(tail)).isEqualTo(1);
    assertThat(stale.fetch64(tail + 32, fetched)).isFalse();
    assertThat(stale.fetch128(tail + 32, fetched)).isFalse();
  }

  @Test
  void whatIsWithdrawnIsNotServed() {
    fetch(BASE);
    assertThat(stale.regions()).containsExactly(region);
    assertThat(stale.remove(region)).isTrue();
    assertThat(stale.fetch64(BASE, fetched)).isFalse();
  }
}
