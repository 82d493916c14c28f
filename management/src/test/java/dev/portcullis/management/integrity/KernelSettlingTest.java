package dev.portcullis.management.integrity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.management.integrity.IntegrityDescription.Kernel;
import dev.portcullis.management.integrity.IntegrityDescription.Watched;
import dev.portcullis.vmm.memory.PageRange;
import dev.portcullis.vmm.partition.Guard;
import dev.portcullis.vmm.partition.Partition;
import dev.portcullis.vmm.platform.RunningPlatform;
import dev.portcullis.vmm.platform.description.PlatformFile;
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
            settled::add,
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

  private boolean devicesMayWrite() {
    return user.map().at(TEXT).orElseThrow().isWritableByDevices();
  }

  @Test
  void whatTheKernelPatchesWhileItSettlesIsRight() throws Exception {
    watch.adopt(watch.generation(), KERNEL);
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
    watch.adopt(watch.generation(), KERNEL);
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
    watch.adopt(first, KERNEL);
    watch.begun();
    assertThat(devicesMayWrite()).isTrue();
    watch.adopt(first, KERNEL);
    assertThat(devicesMayWrite()).as("found in an earlier life").isTrue();
    watch.adopt(watch.generation(), KERNEL);
    assertThat(devicesMayWrite()).isFalse();
    watch.end();
    assertThat(devicesMayWrite()).isTrue();
  }
}
