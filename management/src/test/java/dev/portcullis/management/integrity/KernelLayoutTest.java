package dev.portcullis.management.integrity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.vmm.engine.Engine.Paging;
import dev.portcullis.vmm.memory.PageRange;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class KernelLayoutTest {
  private static final long P = 1;
  private static final long RW = 2;
  private static final long LARGE = 1 << 7;
  private static final long NX = 1L << 63;
  private static final long MIB = 1 << 20;
  private static final long ROOT = 0x10_0000;
  private static final long UPPER = 0x11_0000;
  private static final long MIDDLE = 0x12_0000;
  private static final long LOWER = 0x13_0000;

  private final Map<Long, Long> memory = new HashMap<>();

  private boolean read(long gpa, byte[] to, int length) {
    return put(memory.getOrDefault(gpa, 0L), to);
  }

  private static boolean put(long word, byte[] to) {
    ByteBuffer.wrap(to).order(ByteOrder.LITTLE_ENDIAN).putLong(word);
    return true;
  }

  private void put(long table, int index, long entry) {
    memory.put(table + 8L * index, entry);
  }

  private Optional<List<WatchedRange>> find(long root, int levels) {
    return KernelLayout.find(this::read, new Paging(root, levels));
  }

  /// Text of 4 MiB and 12 KiB, a gap that was given back, read-only data of 8 KiB and 2 MiB, data.
  private void kernelAt(long load) {
    put(ROOT, 511, UPPER | P | RW);
    put(UPPER, 510, MIDDLE | P | RW);
    put(MIDDLE, 20, load | P | LARGE);
    put(MIDDLE, 21, load + 2 * MIB | P | LARGE);
    put(MIDDLE, 22, LOWER | P | RW);
    for (int i = 0; i < 3; i++) {
      put(LOWER, i, load + 4 * MIB + i * 4096L | P);
    }
    put(LOWER, 3, load + 4 * MIB + 3 * 4096L | P | RW | NX);
    put(LOWER, 510, load + 4 * MIB + 510 * 4096L | P | NX);
    put(LOWER, 511, load + 4 * MIB + 511 * 4096L | P | NX);
    put(MIDDLE, 23, load + 6 * MIB | P | NX | LARGE);
    put(MIDDLE, 24, load + 8 * MIB | P | RW | NX | LARGE);
  }

  private static WatchedRange range(String name, long first, long bytes) {
    return new WatchedRange(name, new PageRange(first, bytes), Optional.empty());
  }

  private static List<WatchedRange> whatMustNotChange(long load) {
    return List.of(
        range("kernel text", load, 4 * MIB + 12288),
        range("kernel read-only data", load + 6 * MIB - 8192, 2 * MIB + 8192));
  }

  @Test
  void textAndReadOnlyDataAreFoundWhereverTheKernelLies() {
    for (long load = 16 * MIB; load < 128 * MIB; load += 2 * MIB) {
      kernelAt(load);
      assertThat(find(ROOT, 4)).contains(whatMustNotChange(load));
    }
  }

  @Test
  void aProcessorInUserModeHasTheKernelsTablesInFront() {
    kernelAt(32 * MIB);
    long user = ROOT + 4096;
    put(user, 511, UPPER + 0x4_0000 | P | RW);
    put(UPPER + 0x4_0000, 510, MIDDLE + 0x4_0000 | P | RW);
    put(MIDDLE + 0x4_0000, 20, LOWER + 0x4_0000 | P | RW);
    put(LOWER + 0x4_0000, 0, 32 * MIB | P);
    assertThat(find(user, 4)).contains(whatMustNotChange(32 * MIB));
  }

  @Test
  void fiveLevelsLeadThere() {
    kernelAt(32 * MIB);
    put(0x20_0000, 511, ROOT | P | RW);
    assertThat(find(0x20_0000, 5)).contains(whatMustNotChange(32 * MIB));
  }

  @Test
  void aKernelThatMayStillWriteToItsTextIsNotThereYet() {
    kernelAt(32 * MIB);
    put(MIDDLE, 20, 32 * MIB | P | RW | LARGE);
    put(MIDDLE, 21, 34 * MIB | P | RW | LARGE);
    assertThat(find(ROOT, 4)).isEmpty();
  }

  @Test
  void rightsAreThoseOfAllLevels() {
    kernelAt(32 * MIB);
    put(UPPER, 510, MIDDLE | P | NX);
    assertThat(find(ROOT, 4)).as("nothing can be executed").isEmpty();
  }

  @Test
  void anythingInMemoryEndsAndNeverAsksForTooMuch() {
    SplittableRandom random = new SplittableRandom(5);
    for (int i = 0; i < 200; i++) {
      Optional<List<WatchedRange>> found =
          KernelLayout.find(
              (gpa, to, length) -> noise(random, gpa, to), new Paging(ROOT, 4 + i % 2));
      found.ifPresent(ranges ->
          assertThat(ranges.stream().mapToLong(range -> range.guest().bytes()).sum())
              .isLessThanOrEqualTo(256 * MIB));
    }
  }

  /// Upper tables lead on, lower ones are anything: with and without the rights of a kernel.
  private static boolean noise(SplittableRandom random, long gpa, byte[] to) {
    return switch (random.nextInt(4)) {
      case 0 -> false;
      case 1 -> put(random.nextLong(), to);
      default -> put(gpa + 4096 & 0xf_ffff_f000L | P | (random.nextInt(8) << 5), to);
    };
  }
}
