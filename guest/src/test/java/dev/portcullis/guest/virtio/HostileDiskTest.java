package dev.portcullis.guest.virtio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.devices.block.RamBackend;
import dev.portcullis.devices.disk.VirtioBlock;
import dev.portcullis.devices.virtio.VirtioFunction.Kind;
import dev.portcullis.guest.TestMachine;
import dev.portcullis.guest.block.DiskException;
import dev.portcullis.guest.memory.PageAllocator;
import dev.portcullis.guest.pci.PciBus;
import dev.portcullis.pci.PciFunction;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A virtio disk that breaks the rules, or goes, is told of; nobody waits for ever, and nothing is
/// left behind.
class HostileDiskTest {
  private static final int AT = 8;
  private static final Kind DISK = new Kind(2, 0x01_00_00, 1L << 1 | 1L << 9, 2, 60);
  private static final int[] UNDER_LOAD = {0, 100, 200, 300, 400, 500, 600, 700, 800, 900};

  private final TestMachine machine = new TestMachine();
  private final PageAllocator memory = new PageAllocator(machine.ramBytes());
  private final long freeBytes = memory.freeBytes();

  @AfterEach
  void close() {
    assertThat(memory.freeBytes()).isEqualTo(freeBytes);
    assertThat(machine.vectorsInUse()).isZero();
    machine.close();
    assertThat(machine.thrown()).isEmpty();
  }

  private <F extends PciFunction> F plug(F disk) {
    return machine.plug(AT, disk);
  }

  private BlockDriver driver(Duration limit) throws VirtioException {
    return new BlockDriver(machine, memory, new PciBus(machine).scan().getFirst(), limit);
  }

  /// A disk of 64 Ki sectors and requests of up to 64 KiB.
  private ScriptedCard scripted() {
    return plug(new ScriptedCard(DISK, new byte[] {0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0}));
  }

  private static void write(BlockDriver driver, long block)
      throws DiskException, InterruptedException {
    driver.write(block, MemorySegment.ofArray(new byte[32768]), 0, 32768);
  }

  @Test
  void oneThatDoesNotAnswerIsStopped() throws Exception {
    ScriptedCard card = scripted();
    try (BlockDriver driver = driver(Duration.ofMillis(100))) {
      assertThat(driver.blocks()).isEqualTo(65536);
      assertThatThrownBy(() -> write(driver, 0))
          .isInstanceOf(DiskException.class)
          .hasMessageContaining("does not answer");
      assertThat(card.readBar(0, ScriptedCard.STATUS, 1)).isZero();
      assertThatThrownBy(driver::flush).hasMessageContaining("stopped");
    }
  }

  @ParameterizedTest
  @CsvSource({"5, 1", "8, 1", "-1, 1", "0, 300"})
  void oneThatGivesBackWhatItDoesNotHaveIsStopped(int entry, int index) throws Exception {
    ScriptedCard card = scripted();
    try (BlockDriver driver = driver(Duration.ofSeconds(10))) {
      card.giveBack(0, entry, 0);
      card.usedIndex(0, index);
      assertThatThrownBy(() -> write(driver, 0)).isInstanceOf(DiskException.class);
      assertThat(machine.readConfig(AT, 4, 2) & 4).isZero();
    }
  }

  @Test
  void oneThatGivesBackWithoutAWordHasRefused() throws Exception {
    ScriptedCard card = scripted();
    try (BlockDriver driver = driver(Duration.ofSeconds(10))) {
      Thread answer =
          Thread.ofPlatform()
              .start(() -> {
                TestMachine.await("a request", () -> card.notices() == 1);
                card.giveBack(0, 0, 0);
              });
      assertThatThrownBy(() -> write(driver, 0)).hasMessageContaining("status 255");
      answer.join();
    }
  }

  @ParameterizedTest
  @CsvSource({"0, 0, 0", "0, 0, 255", "0, 16, 1"})
  void oneWhoseConfigurationMakesNoDiskIsRefused(int low, int limit, int high) {
    byte[] config = new byte[12];
    config[2] = (byte) low;
    config[7] = (byte) high;
    config[8] = (byte) limit;
    plug(new ScriptedCard(DISK, config));
    assertThatThrownBy(() -> driver(Duration.ofSeconds(10))).isInstanceOf(VirtioException.class);
  }

  @Test
  void onePulledOutUnderLoadIsToldToAll() throws Exception {
    plug(new VirtioBlock("A-DISK", new RamBackend(1 << 20)));
    BlockDriver driver = driver(Duration.ofSeconds(10));
    untilRefused(driver, () -> machine.unplug(AT));
    driver.close();
    driver.close();
  }

  @Test
  void closingUnderLoadEndsAllRequests() throws Exception {
    plug(new VirtioBlock("A-DISK", new RamBackend(1 << 20)));
    BlockDriver driver = driver(Duration.ofSeconds(10));
    untilRefused(driver, driver::close);
  }

  private static void untilRefused(BlockDriver driver, Runnable blow) throws Exception {
    CountDownLatch working = new CountDownLatch(UNDER_LOAD.length);
    List<Callable<Void>> work = new ArrayList<>();
    for (int block : UNDER_LOAD) {
      work.add(() -> {
        try {
          write(driver, block);
        } finally {
          working.countDown();
        }
        assertThatThrownBy(
                () -> {
                  while (true) {
                    write(driver, block);
                  }
                })
            .isInstanceOf(DiskException.class);
        return null;
      });
    }
    work.add(() -> {
      working.await();
      blow.run();
      return null;
    });
    try (ExecutorService pool = Executors.newFixedThreadPool(work.size())) {
      for (Future<Void> end : pool.invokeAll(work)) {
        end.get();
      }
    }
  }
}
