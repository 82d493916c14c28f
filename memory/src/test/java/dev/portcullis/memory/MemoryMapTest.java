package dev.portcullis.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.memory.MemoryRegion.Access;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MemoryMapTest {
  private static final long PAGE = 4096;
  private static final long ABOVE_4_GIB = 1L << 32;

  private final Arena arena = Arena.ofAuto();
  private final MemoryMap map = new MemoryMap();
  private final Fetched word = new Fetched();

  private MappedRegion ram(long base, long sizeBytes) {
    MappedRegion region =
        new MappedRegion(base, arena.allocate(sizeBytes, 4096), Access.READ_WRITE);
    map.add(region);
    return region;
  }

  private MemorySegment text(String text) {
    return arena.allocateFrom(text);
  }

  @Test
  void whatIsWrittenIsReadBack() {
    ram(0, PAGE);
    MemorySegment out = arena.allocate(8);
    assertThat(map.write(100, text("gate"), 0, 5)).isTrue();
    assertThat(map.read(100, out, 0, 5)).isTrue();
    assertThat(out.getString(0)).isEqualTo("gate");
  }

  @Test
  void regionsAbove4GiBHaveHolesBetweenThem() {
    ram(0, PAGE);
    ram(ABOVE_4_GIB, PAGE);
    ram(ABOVE_4_GIB + 2 * PAGE, PAGE);
    assertThat(map.store64(ABOVE_4_GIB + 2 * PAGE, 7)).isTrue();
    assertThat(map.fetch64(ABOVE_4_GIB + 2 * PAGE, word)).isTrue();
    assertThat(word.lo).isEqualTo(7);
    assertThat(map.fetch64(ABOVE_4_GIB + PAGE, word)).isFalse();
    assertThat(map.fetch64(1L << 51, word)).isFalse();
    assertThat(map.fetch64(-8, word)).isFalse();
  }

  @Test
  void aCopyMayCrossFromOneRegionIntoItsNeighbour() {
    ram(0, PAGE);
    ram(PAGE, PAGE);
    MemorySegment out = arena.allocate(8);
    assertThat(map.write(PAGE - 2, text("gate"), 0, 5)).isTrue();
    assertThat(map.read(PAGE - 2, out, 0, 5)).isTrue();
    assertThat(out.getString(0)).isEqualTo("gate");
  }

  @Test
  void aCopyThatRunsIntoAHoleFails() {
    ram(0, PAGE);
    assertThat(map.write(PAGE - 2, text("gate"), 0, 5)).isFalse();
    assertThat(map.read(PAGE - 2, arena.allocate(8), 0, 5)).isFalse();
  }

  @Test
  void aReadOnlyRegionRefusesEveryWrite() {
    map.add(new MappedRegion(0, arena.allocate(PAGE, 4096), Access.READ_ONLY));
    assertThat(map.write(0, text("gate"), 0, 5)).isFalse();
    assertThat(map.store32(0, 1)).isFalse();
    assertThat(map.store64(0, 1)).isFalse();
    assertThat(map.compareAndSet64(0, 0, 1)).isEqualTo(Exchange.ABORTED);
    assertThat(map.or64(0, 1)).isFalse();
    assertThat(map.fetch128(0, word)).isTrue();
    assertThat(word.lo | word.hi).isZero();
  }

  @Test
  void overlappingRegionsAreRefused() {
    ram(PAGE, PAGE);
    assertThatThrownBy(() -> ram(0, PAGE + 16)).isInstanceOf(IllegalArgumentException.class);
    ram(0, PAGE);
    assertThat(map.regions()).hasSize(2);
  }

  @Test
  void aRemovedRegionIsAHole() {
    MappedRegion region = ram(0, PAGE);
    assertThat(map.remove(region)).isTrue();
    assertThat(map.remove(region)).isFalse();
    assertThat(map.fetch64(0, word)).isFalse();
  }

  @Test
  void aWithdrawnMappingAbortsInsteadOfThrowing() {
    Arena shortLived = Arena.ofShared();
    map.add(new MappedRegion(0, shortLived.allocate(PAGE, 4096), Access.READ_WRITE));
    shortLived.close();
    assertThat(map.read(0, arena.allocate(8), 0, 8)).isFalse();
    assertThat(map.write(0, arena.allocate(8), 0, 8)).isFalse();
    assertThat(map.fetch64(0, word)).isFalse();
    assertThat(map.fetch128(0, word)).isFalse();
    assertThat(map.store32(0, 1)).isFalse();
    assertThat(map.compareAndSet64(0, 0, 1)).isEqualTo(Exchange.ABORTED);
    assertThat(map.or64(0, 1)).isFalse();
  }

  @Test
  void aFileCutUnderItsMappingAbortsInsteadOfCrashing(@TempDir Path dir) throws IOException {
    Path file = dir.resolve("ram");
    Files.write(file, new byte[3 * 4096]);
    try (FileChannel channel =
            FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
        Arena mapping = Arena.ofShared()) {
      MemorySegment bytes = channel.map(FileChannel.MapMode.READ_WRITE, 0, 3 * PAGE, mapping);
      map.add(new MappedRegion(0, bytes, Access.READ_WRITE));
      try (RandomAccessFile cut = new RandomAccessFile(file.toFile(), "rw")) {
        cut.setLength(PAGE);
      }
      long gone = 2 * PAGE;
      assertThat(map.fetch64(0, word)).isTrue();
      assertThat(map.read(gone, arena.allocate(64), 0, 64)).isFalse();
      assertThat(map.write(gone, arena.allocate(64), 0, 64)).isFalse();
      assertThat(map.fetch64(gone, word)).isFalse();
      assertThat(map.fetch128(gone, word)).isFalse();
      assertThat(map.store32(gone, 1)).isFalse();
      assertThat(map.store64(gone, 1)).isFalse();
      assertThat(map.compareAndSet64(gone, 0, 1)).isEqualTo(Exchange.ABORTED);
      assertThat(map.or64(gone, 1)).isFalse();
    }
  }

  @Test
  void compareAndSetReplacesOnlyTheExpectedWord() {
    ram(0, PAGE);
    assertThat(map.compareAndSet64(8, 0, 5)).isEqualTo(Exchange.EXCHANGED);
    assertThat(map.compareAndSet64(8, 0, 6)).isEqualTo(Exchange.CHANGED_MEANWHILE);
    assertThat(map.compareAndSet64(2 * PAGE, 0, 6)).isEqualTo(Exchange.ABORTED);
    map.fetch64(8, word);
    assertThat(word.lo).isEqualTo(5);
  }

  @Test
  void bitsAreSetWithoutTouchingTheOthers() {
    ram(0, PAGE);
    map.store64(8, 0x50);
    assertThat(map.or64(8, 0x05)).isTrue();
    assertThat(map.or64(8, 0x05)).isTrue();
    assertThat(map.or64(2 * PAGE, 1)).isFalse();
    map.fetch64(8, word);
    assertThat(word.lo).isEqualTo(0x55);
  }

  @Test
  void a128BitFetchNeverSeesThePresentHalfWithoutTheOther() throws InterruptedException {
    ram(0, PAGE);
    AtomicBoolean stop = new AtomicBoolean();
    CountDownLatch started = new CountDownLatch(1);
    Thread software =
        Thread.ofPlatform()
            .start(() -> {
              for (long n = 1; !stop.get(); n++) {
                map.store64(0, 0);
                map.store64(8, n);
                map.store64(0, n);
                started.countDown();
              }
            });
    started.await();
    for (int i = 0; i < 200_000; i++) {
      map.fetch128(0, word);
      if (word.lo != 0) {
        assertThat(word.hi).isGreaterThanOrEqualTo(word.lo);
      }
    }
    stop.set(true);
    software.join();
  }

  @Test
  void aRemoteRegionAsksItsPeer() {
    MemorySegment far = arena.allocate(PAGE);
    RemoteRegion.Peer peer =
        new RemoteRegion.Peer() {
          @Override
          public boolean read(long hpa, MemorySegment to, long toOffset, long lengthBytes) {
            MemorySegment.copy(far, hpa - ABOVE_4_GIB, to, toOffset, lengthBytes);
            return true;
          }

          @Override
          public boolean write(long hpa, MemorySegment from, long fromOffset, long lengthBytes) {
            MemorySegment.copy(from, fromOffset, far, hpa - ABOVE_4_GIB, lengthBytes);
            return true;
          }
        };
    map.add(new RemoteRegion(ABOVE_4_GIB, PAGE, Access.READ_WRITE, peer));
    assertThat(map.store64(ABOVE_4_GIB + 16, 0x1122334455667788L)).isTrue();
    assertThat(map.store32(ABOVE_4_GIB + 24, 9)).isTrue();
    assertThat(map.fetch128(ABOVE_4_GIB + 16, word)).isTrue();
    assertThat(word.lo).isEqualTo(0x1122334455667788L);
    assertThat(word.hi).isEqualTo(9);
    assertThat(far.get(ValueLayout.JAVA_BYTE, 16)).isEqualTo((byte) 0x88);
    assertThat(map.compareAndSet64(ABOVE_4_GIB, 0, 1)).isEqualTo(Exchange.ABORTED);
  }

  @Test
  void memoryOnTheJavaHeapIsRefused() {
    assertThatThrownBy(
            () -> new MappedRegion(0, MemorySegment.ofArray(new long[512]), Access.READ_WRITE))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
