package dev.portcullis.management.integrity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.management.integrity.IntegrityDescription.Kernel;
import dev.portcullis.management.integrity.IntegrityDescription.Watched;
import dev.portcullis.vmm.memory.PageRange;
import dev.portcullis.vmm.partition.Guard;
import dev.portcullis.vmm.partition.Partition;
import dev.portcullis.vmm.platform.RunningPlatform;
import dev.portcullis.vmm.platform.description.PlatformFile;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is found of a kernel becomes what must be, once it has settled.
class KernelSettlingTest {
  private static final long TEXT = 8L << 20;
  private static final List<WatchedRange> KERNEL =
      List.of(new WatchedRange("kernel text", new PageRange(TEXT, 4 * 4096), Optional.empty()));

  private static final String PLATFORM =
      """
      memory: 128M
      units: [{at: 00:01.0, profile: scalable}]
      partitions: [{name: user, memory: 16M, runs: client}]
      """;

  @TempDir private Path folder;
  private final List<Finding> findings = new ArrayList<>();
  private final List<Long> settled = new ArrayList<>();
  private RunningPlatform platform;
  private Partition user;
  private PartitionWatch watch;
  private long nanos;

  @BeforeEach
  void start() throws Exception {
    platform =
        RunningPlatform.start(
            PlatformFile.parse("test.yaml", folder, PLATFORM), folder, event -> {});
    user = platform.partition("user").partition();
    watch =
        new PartitionWatch(
            user,
            platform.memory().map(),
            new Watched("user", Guard.DEVICES, Kernel.LINUX, List.of()),
            findings::add,
            (pages, labels) -> settled.add(pages),
            () -> nanos);
    watch.begin();
    assertThat(watch.step()).as("there is nothing to look at yet").isFalse();
  }

  @AfterEach
  void stop() {
    platform.close();
  }

  private void rotate() {
    while (watch.step()) {
      assertThat(watch.status().pages()).isEqualTo(4);
    }
  }

  private void rotateAll() {
    while (watch.step()) {
      assertThat(watch.status().pages()).isEqualTo(5);
    }
  }

  private boolean devicesMayWrite() {
    return user.map().at(TEXT).orElseThrow().isWritableByDevices();
  }

  @Test
  void whatTheKernelPatchesWhileItSettlesIsRight() throws Exception {
    watch.adopt(watch.generation(), KERNEL, JumpLabels.NONE);
    assertThat(devicesMayWrite()).as("from the first moment on").isFalse();
    nanos = PartitionWatch.SETTLING_NANOS;
    user.processors().store(TEXT, 8, 1);
    rotate();
    rotate();
    assertThat(settled).as("it moved, and was quiet once").isEmpty();
    rotate();
    assertThat(settled).containsExactly(4L);
    assertThat(findings).isEmpty();

    user.processors().store(TEXT + 4096, 8, 1);
    rotate();
    assertThat(findings).hasSize(1);
  }

  @Test
  void whoNeverSettlesIsLookedAtAllTheSame() throws Exception {
    watch.adopt(watch.generation(), KERNEL, JumpLabels.NONE);
    for (int i = 1; settled.isEmpty(); i++) {
      assertThat(nanos).isLessThanOrEqualTo(PartitionWatch.LONGEST_SETTLING_NANOS);
      nanos += 1_000_000_000;
      user.processors().store(TEXT, 8, i);
      rotate();
    }
    user.processors().store(TEXT, 8, -1);
    rotate();
    assertThat(findings).hasSize(1);
  }

  @Test
  void aKernelThatBeginsAnewIsLookedForAnew() throws Exception {
    long first = watch.generation();
    watch.adopt(first, KERNEL, JumpLabels.NONE);
    watch.begun();
    assertThat(devicesMayWrite()).isTrue();
    watch.adopt(first, KERNEL, JumpLabels.NONE);
    assertThat(devicesMayWrite()).as("found in an earlier life").isTrue();
    watch.adopt(watch.generation(), KERNEL, JumpLabels.NONE);
    assertThat(devicesMayWrite()).isFalse();
    watch.end();
    assertThat(devicesMayWrite()).isTrue();
  }

  /// Sixteen labels, five bytes each, and their table.
  private static final int LABELS = 16;

  private static final long TABLE = TEXT + (8 << 12);
  private static final long JUMP = 0xe9L | 95L << 8;
  private static final long NOP = 0x0000_441f_0fL;

  private static final List<WatchedRange> SWITCHED =
      List.of(
          KERNEL.getFirst(),
          new WatchedRange("kernel read-only data", new PageRange(TABLE, 4096), Optional.empty()));

  private static long site(int i) {
    return TEXT + 256L * i;
  }

  private void write(long gpa, long word) {
    assertThat(user.processors().store(gpa, 8, word)).isNotNull();
  }

  private boolean readKernel(long gpa, byte[] to, int length) {
    return platform
        .memory()
        .map()
        .read(user.map().hpa(gpa).orElseThrow(), MemorySegment.ofArray(to), 0, length);
  }

  private void adoptLabels() throws Exception {
    for (int i = 0; i < LABELS; i++) {
      long at = TABLE + 16L * i;
      write(site(i), NOP);
      write(at, site(i) - at & 0xffff_ffffL | site(i) + 100 - at - 4 << 32);
      write(at + 8, TABLE - at - 8);
    }
    JumpLabels labels = JumpLabels.find(this::readKernel, SWITCHED);
    assertThat(labels.count()).isEqualTo(LABELS);
    watch.adopt(watch.generation(), SWITCHED, labels);
    nanos += PartitionWatch.SETTLING_NANOS;
    for (int i = 0; i < 3; i++) {
      rotateAll();
    }
    assertThat(settled).isNotEmpty();
  }

  @Test
  void jumpLabelsAreSwitched_andNothingElseIs() throws Exception {
    adoptLabels();
    for (int i = 0; i < LABELS; i++) {
      write(site(i), JUMP);
      rotateAll();
    }
    assertThat(findings).isEmpty();

    write(site(3), JUMP + (1 << 8));
    rotateAll();
    assertThat(findings)
        .singleElement()
        .satisfies(one -> assertThat(one.text()).startsWith("page 0x800000 of"));
  }

  @Test
  void aBreakpointInPlaceOfALabelMustGoAway() throws Exception {
    adoptLabels();
    write(site(3), JUMP & ~0xffL | 0xcc);
    for (int i = 0; i < PartitionWatch.LONGEST_SWITCHING; i++) {
      rotateAll();
      assertThat(findings).isEmpty();
    }
    rotateAll();
    assertThat(findings).hasSize(1);
  }
}
