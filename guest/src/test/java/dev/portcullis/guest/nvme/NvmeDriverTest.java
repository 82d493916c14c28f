package dev.portcullis.guest.nvme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.portcullis.devices.nvme.NvmeController;
import dev.portcullis.devices.nvme.NvmeOptions;
import dev.portcullis.guest.TestMachine;
import dev.portcullis.guest.memory.PageAllocator;
import dev.portcullis.guest.nvme.NvmeDriver.Counts;
import dev.portcullis.guest.pci.PciBus;
import dev.portcullis.guest.pci.PciDevice;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The driver and the controller: what was written is read, and what goes wrong is told and got
/// over.
class NvmeDriverTest {
  private static final long SEED = 20261123;
  private static final int DISK_BYTES = 4 << 20;
  private static final int AT = 0x18;
  private static final Duration LIMIT = Duration.ofSeconds(10);

  private final TestMachine machine = new TestMachine();
  private final PageAllocator memory = new PageAllocator(machine.ramBytes());
  private final long freeBytes = memory.freeBytes();
  private final TestDisk disk = new TestDisk(DISK_BYTES);

  @AfterEach
  void close() {
    machine.close();
    assertThat(machine.thrown()).isEmpty();
  }

  private PciDevice plug(NvmeOptions options) {
    machine.plug(AT, new NvmeController(options, disk));
    return new PciBus(machine).scan().getFirst();
  }

  private NvmeDriver driver(NvmeOptions options) throws NvmeException {
    return new NvmeDriver(machine, memory, plug(options), LIMIT);
  }

  private NvmeDriver driver() throws NvmeException {
    return driver(NvmeOptions.of("disk"));
  }

  private static byte[] bytes(int count, long seed) {
    byte[] bytes = new byte[count];
    new SplittableRandom(seed).nextBytes(bytes);
    return bytes;
  }

  private static void write(NvmeDriver driver, long block, byte[] data)
      throws NvmeException, InterruptedException {
    driver.write(block, MemorySegment.ofArray(data), 0, data.length);
  }

  private static byte[] read(NvmeDriver driver, long block, int count)
      throws NvmeException, InterruptedException {
    byte[] data = new byte[count];
    driver.read(block, MemorySegment.ofArray(data), 0, count);
    return data;
  }

  @ParameterizedTest
  @CsvSource({"512, 16, 1024, 7", "4096, 1, 2, 1", "512, 2, 3, 10", "4096, 64, 65536, 5"})
  void whatSeveralThreadsWriteIsRead(
      int blockBytes, int queuePairs, int queueEntries, int transferPagesLog2) throws Exception {
    NvmeOptions options =
        NvmeOptions.of("disk")
            .withBlockBytes(blockBytes)
            .withQueuePairs(queuePairs)
            .withQueueEntries(queueEntries)
            .withTransferPagesLog2(transferPagesLog2);
    try (NvmeDriver driver = driver(options)) {
      assertThat(driver.blockBytes()).isEqualTo(blockBytes);
      assertThat(driver.blocks()).isEqualTo(DISK_BYTES / blockBytes);
      int threads = 4;
      int share = DISK_BYTES / threads;
      byte[] model = new byte[DISK_BYTES];
      List<Callable<Void>> work = new ArrayList<>();
      for (int thread = 0; thread < threads; thread++) {
        int first = thread * share;
        work.add(() -> writeAndRead(driver, model, first, share));
      }
      runAll(work);
      driver.flush();
      assertThat(disk.flushes()).isPositive();
      assertThat(disk.contents()).isEqualTo(model);
      assertThat(read(driver, 0, DISK_BYTES)).isEqualTo(model);
      assertThat(driver.counts()).isEqualTo(new Counts(0, 0));
    }
    assertThat(memory.freeBytes()).isEqualTo(freeBytes);
    assertThat(machine.vectorsInUse()).isZero();
  }

  private static void runAll(List<Callable<Void>> work) throws Exception {
    try (ExecutorService pool = Executors.newFixedThreadPool(work.size())) {
      for (Future<Void> end : pool.invokeAll(work)) {
        end.get();
      }
    }
  }

  /// Random lengths at random places of a part of the disk, checked against what is known of it.
  private static Void writeAndRead(NvmeDriver driver, byte[] model, int first, int share)
      throws NvmeException, InterruptedException {
    SplittableRandom random = new SplittableRandom(SEED + first);
    int block = driver.blockBytes();
    for (int i = 0; i < 60; i++) {
      int count = block * random.nextInt(1, 1 + (1 << random.nextInt(1, 10)) * 512 / block + 1);
      int at = first + block * random.nextInt((share - count) / block + 1);
      if (random.nextBoolean()) {
        byte[] data = bytes(count + 7, random.nextLong());
        driver.write(at / block, MemorySegment.ofArray(data), 7, count);
        System.arraycopy(data, 7, model, at, count);
      } else {
        byte[] data = new byte[count + 3];
        driver.read(at / block, MemorySegment.ofArray(data), 3, count);
        MemorySegment expected = MemorySegment.ofArray(model).asSlice(at, count);
        assertThat(MemorySegment.ofArray(data).asSlice(3).mismatch(expected)).isEqualTo(-1);
      }
    }
    return null;
  }

  @Test
  void whatLiesOutsideOfTheDiskIsRefusedBeforeItIsAskedFor() throws Exception {
    try (NvmeDriver driver = driver()) {
      long before = machine.windowAccesses();
      assertThatThrownBy(() -> read(driver, driver.blocks(), 512))
          .isInstanceOf(NvmeException.class);
      assertThatThrownBy(() -> read(driver, -1, 512)).isInstanceOf(NvmeException.class);
      assertThatThrownBy(() -> read(driver, Long.MAX_VALUE, 512)).isInstanceOf(NvmeException.class);
      assertThatThrownBy(() -> read(driver, 0, 511)).isInstanceOf(NvmeException.class);
      assertThatThrownBy(() -> read(driver, 0, 0)).isInstanceOf(NvmeException.class);
      assertThatThrownBy(() -> write(driver, driver.blocks() - 1, new byte[1024]))
          .isInstanceOf(NvmeException.class);
      assertThat(machine.windowAccesses()).isEqualTo(before);
    }
  }

  @Test
  void whatTheDiskCannotDoIsToldWithItsStatusAndLaterCommandsWork() throws Exception {
    byte[] data = bytes(8192, SEED);
    try (NvmeDriver driver = driver()) {
      write(driver, 8, data);
      disk.fail(true);
      NvmeException reading =
          catchThrowableOfType(NvmeException.class, () -> read(driver, 8, 8192));
      assertThat(reading.status()).hasValue(0x281);
      NvmeException writing =
          catchThrowableOfType(NvmeException.class, () -> write(driver, 8, new byte[512]));
      assertThat(writing.status()).hasValue(0x280);
      disk.fail(false);
      assertThat(read(driver, 8, 8192)).isEqualTo(data);
      assertThat(driver.counts().restarts()).isZero();
    }
  }

  @Test
  void aRefusedDmaOfDataFailsOneCommandAlone() throws Exception {
    byte[] data = bytes(1 << 20, SEED);
    try (NvmeDriver driver = driver()) {
      write(driver, 0, data);
      AtomicBoolean once = new AtomicBoolean(true);
      // Queues lie below the buffers: the driver took them first.
      long buffers = (1 << 20) + Session.MEMORY_PAGES * 4096L;
      machine.refuse(page -> page >= buffers && once.getAndSet(false));
      NvmeException refused =
          catchThrowableOfType(NvmeException.class, () -> read(driver, 0, 1 << 20));
      assertThat(refused.status()).isPresent();
      assertThat(read(driver, 0, 1 << 20)).isEqualTo(data);
      assertThat(driver.counts().restarts()).isZero();
    }
  }

  @Test
  void aControllerThatFailedIsBegunWithAnewAndTheCommandGivenAgain() throws Exception {
    byte[] data = bytes(1 << 20, SEED);
    try (NvmeDriver driver = driver()) {
      for (int i = 1; i <= 3; i++) {
        AtomicBoolean once = new AtomicBoolean(true);
        machine.refuse(page -> once.getAndSet(false));
        write(driver, 256L * i, data);
        assertThat(driver.counts().restarts()).isEqualTo(i);
        assertThat(read(driver, 256L * i, 1 << 20)).isEqualTo(data);
      }
    }
    assertThat(memory.freeBytes()).isEqualTo(freeBytes);
  }

  @Test
  void aControllerWithoutMemoryIsGivenUp() throws Exception {
    try (NvmeDriver driver = driver()) {
      machine.refuse(page -> true);
      assertThatThrownBy(() -> read(driver, 0, 512)).isInstanceOf(NvmeException.class);
      machine.refuse(page -> false);
      assertThatThrownBy(() -> read(driver, 0, 512)).isInstanceOf(NvmeException.class);
      assertThat(machine.readConfig(AT, 4, 2) & 4).isZero();
    }
    assertThat(memory.freeBytes()).isEqualTo(freeBytes);
    try (NvmeDriver again = new NvmeDriver(machine, memory, scanAgain(), LIMIT)) {
      write(again, 1, bytes(512, SEED));
      assertThat(read(again, 1, 512)).isEqualTo(bytes(512, SEED));
    }
  }

  private PciDevice scanAgain() {
    return new PciBus(machine).scan().getFirst();
  }

  @Test
  void lostInterruptsOnlyCostTime() throws Exception {
    try (NvmeDriver driver = driver()) {
      machine.loseMessages(true);
      write(driver, 0, bytes(4096, SEED));
      assertThat(read(driver, 0, 4096)).isEqualTo(bytes(4096, SEED));
      assertThat(driver.counts().restarts()).isZero();
    }
  }

  @Test
  void aControllerWithMsiAloneIsLookedAt() throws Exception {
    try (NvmeDriver driver =
        driver(NvmeOptions.of("disk").withMessages(NvmeOptions.Messages.MSI))) {
      write(driver, 0, bytes(4096, SEED));
      assertThat(read(driver, 0, 4096)).isEqualTo(bytes(4096, SEED));
    }
  }

  @Test
  void aControllerPulledOutUnderLoadIsToldToAllAndLeavesNothingBehind() throws Exception {
    NvmeDriver driver = driver();
    CountDownLatch working = new CountDownLatch(4);
    List<Callable<Void>> work = new ArrayList<>();
    for (int thread = 0; thread < 4; thread++) {
      int first = thread * 100;
      work.add(() -> {
        byte[] data = bytes(32768, first);
        try {
          write(driver, first, data);
        } finally {
          working.countDown();
        }
        assertThatThrownBy(
                () -> {
                  while (true) {
                    write(driver, first, data);
                  }
                })
            .isInstanceOf(NvmeException.class);
        return null;
      });
    }
    work.add(() -> {
      working.await();
      machine.unplug(AT);
      return null;
    });
    runAll(work);
    assertThatThrownBy(driver::flush).isInstanceOf(NvmeException.class);
    driver.close();
    driver.close();
    assertThat(memory.freeBytes()).isEqualTo(freeBytes);
    assertThat(machine.vectorsInUse()).isZero();
  }

  @Test
  void closingUnderLoadEndsAllCommandsAndLeavesNothingBehind() throws Exception {
    NvmeDriver driver = driver();
    CountDownLatch working = new CountDownLatch(12);
    List<Callable<Void>> work = new ArrayList<>();
    for (int thread = 0; thread < 12; thread++) {
      int first = thread * 100;
      work.add(() -> {
        working.countDown();
        assertThatThrownBy(
                () -> {
                  while (true) {
                    write(driver, first, new byte[32768]);
                  }
                })
            .isInstanceOf(NvmeException.class);
        return null;
      });
    }
    work.add(() -> {
      working.await();
      driver.close();
      return null;
    });
    runAll(work);
    assertThat(memory.freeBytes()).isEqualTo(freeBytes);
    assertThat(machine.vectorsInUse()).isZero();
  }

  @Test
  void withoutMemoryThereIsNoDriverAndNothingIsTaken() {
    PageAllocator little = new PageAllocator((1 << 20) + 100 * 4096);
    long before = little.freeBytes();
    PciDevice device = plug(NvmeOptions.of("disk"));
    assertThatThrownBy(() -> new NvmeDriver(machine, little, device))
        .isInstanceOf(NvmeException.class);
    assertThat(little.freeBytes()).isEqualTo(before);
    assertThat(machine.vectorsInUse()).isZero();
  }
}
