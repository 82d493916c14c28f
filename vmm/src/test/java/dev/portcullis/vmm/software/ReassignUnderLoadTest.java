package dev.portcullis.vmm.software;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.guest.block.BlockDevice;
import dev.portcullis.guest.block.DiskException;
import dev.portcullis.guest.port.MachineCheckException;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.vmm.platform.RunningPlatform;
import dev.portcullis.vmm.platform.description.PlatformFile;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A disk changes hands while its partition writes to it.
class ReassignUnderLoadTest {
  private static final RequesterId DISK = RequesterId.parse("00:04.0");
  private static final int BLOCK = 4096;
  private static final int CHANGES = 6;
  private static final int WRITES_BEFORE_A_CHANGE = 50;

  private static final String PLATFORM =
      """
      memory: 128M
      units: [{at: 00:01.0, profile: scalable}]
      devices:
        - {name: disk, type: nvme, at: 00:04.0, size: 64M}
      partitions:
        - {name: one, memory: 16M, runs: client, devices: [disk]}
        - {name: other, memory: 16M, runs: client}
      """;

  @TempDir private Path folder;

  private static BlockDevice disk(RunningPlatform platform, String partition) throws Exception {
    ClientSoftware client = (ClientSoftware) platform.partition(partition).client().orElseThrow();
    while (true) {
      var disk = client.devices().disk();
      if (disk.isPresent()) {
        return disk.get();
      }
      Thread.sleep(1);
    }
  }

  /// Writes block after block, each with its number, until the disk is gone.
  private static void writeOn(BlockDevice disk, AtomicLong acknowledged, CountDownLatch enough) {
    byte[] block = new byte[BLOCK];
    MemorySegment bytes = MemorySegment.ofArray(block);
    long first = acknowledged.get();
    int perBlock = BLOCK / disk.blockBytes();
    try {
      while (true) {
        long number = acknowledged.get();
        bytes.fill((byte) number);
        bytes.set(ValueLayout.JAVA_LONG_UNALIGNED, 0, number);
        disk.write(number * perBlock, bytes, 0, BLOCK);
        disk.flush();
        acknowledged.incrementAndGet();
        if (number - first >= WRITES_BEFORE_A_CHANGE) {
          enough.countDown();
        }
      }
    } catch (DiskException | MachineCheckException | InterruptedException gone) {
      enough.countDown();
    }
  }

  @Test
  void noAcknowledgedWriteIsLost() throws Exception {
    AtomicLong acknowledged = new AtomicLong();
    try (RunningPlatform platform =
        RunningPlatform.start(
            PlatformFile.parse("test.yaml", folder, PLATFORM), folder, event -> {})) {
      String from = "one";
      String to = "other";
      for (int change = 0; change < CHANGES; change++) {
        BlockDevice disk = disk(platform, from);
        long before = acknowledged.get();
        CountDownLatch enough = new CountDownLatch(1);
        Thread writer =
            Thread.ofPlatform().daemon().start(() -> writeOn(disk, acknowledged, enough));
        enough.await();
        platform.reassign(DISK, to);
        writer.join();
        assertThat(acknowledged.get()).isGreaterThan(before + WRITES_BEFORE_A_CHANGE);
        check(disk(platform, to), acknowledged.get());
        assertThat(platform.lvmm().breaches()).isEmpty();
        String swap = from;
        from = to;
        to = swap;
      }
    }
  }

  private static void check(BlockDevice disk, long count) throws Exception {
    byte[] block = new byte[BLOCK];
    MemorySegment bytes = MemorySegment.ofArray(block);
    for (long number = 0; number < count; number++) {
      disk.read(number * (BLOCK / disk.blockBytes()), bytes, 0, BLOCK);
      assertThat(bytes.get(ValueLayout.JAVA_LONG_UNALIGNED, 0)).isEqualTo(number);
      assertThat(block[BLOCK - 1]).isEqualTo((byte) number);
    }
  }
}
