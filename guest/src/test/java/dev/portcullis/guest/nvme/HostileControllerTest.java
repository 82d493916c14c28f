package dev.portcullis.guest.nvme;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.guest.SampleFunction;
import dev.portcullis.guest.TestMachine;
import dev.portcullis.guest.memory.PageAllocator;
import dev.portcullis.guest.nvme.ScriptedController.Vice;
import dev.portcullis.guest.pci.PciBus;
import dev.portcullis.guest.pci.PciDevice;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Controllers that break the rules get errors, and the driver goes on or gives up; nobody waits
/// for ever.
class HostileControllerTest {
  private static final Duration LIMIT = Duration.ofMillis(200);

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

  private PciDevice device() {
    return new PciBus(machine).scan().getFirst();
  }

  private NvmeDriver driver() throws NvmeException {
    return new NvmeDriver(machine, memory, device(), LIMIT);
  }

  private static void read(NvmeDriver driver) throws NvmeException, InterruptedException {
    driver.read(0, MemorySegment.ofArray(new byte[512]), 0, 512);
  }

  @Test
  void onePlaysByTheRules() throws Exception {
    ScriptedController controller = machine.plug(8, new ScriptedController(Vice.NONE));
    try (NvmeDriver driver = driver()) {
      for (int i = 0; i < 200; i++) {
        read(driver);
      }
      assertThat(driver.blocks()).isEqualTo(1024);
      assertThat(driver.counts().strays()).isZero();
    }
    assertThat(controller.enabled).isEqualTo(1);
  }

  @ParameterizedTest
  @EnumSource(names = {"NEVER_READY", "FAILS_AT_ONCE", "SULKS", "NONSENSE", "EMPTY"})
  void oneThatDoesNotBeginIsRefused(Vice vice) {
    ScriptedController controller = machine.plug(8, new ScriptedController(vice));
    assertThatThrownBy(this::driver).isInstanceOf(NvmeException.class);
    assertThat(controller.readBar(0, 0x14, 4)).isZero();
    assertThat(controller.readConfig(4, 2) & 4).isZero();
  }

  @Test
  void whatIsNoControllerAtAllIsRefused() {
    machine.plug(8, new SampleFunction());
    assertThatThrownBy(this::driver).isInstanceOf(NvmeException.class);
  }

  @Test
  void oneThatIsSilentIsBegunWithAnewAFewTimes() throws Exception {
    ScriptedController controller = machine.plug(8, new ScriptedController(Vice.SILENT));
    try (NvmeDriver driver = driver()) {
      assertThatThrownBy(() -> read(driver)).isInstanceOf(NvmeException.class);
      assertThat(driver.counts().restarts()).isEqualTo(3);
      assertThat(controller.enabled).isEqualTo(4);
      controller.vice = Vice.NONE;
      read(driver);
      assertThat(driver.counts().restarts()).isEqualTo(3);
    }
  }

  @Test
  void oneThatDoesNotComeBackIsLeftAlone() throws Exception {
    ScriptedController controller = machine.plug(8, new ScriptedController(Vice.SILENT));
    try (NvmeDriver driver = driver()) {
      controller.vice = Vice.SULKS;
      machine.refuse(page -> true);
      assertThatThrownBy(() -> read(driver)).isInstanceOf(NvmeException.class);
      int enabled = controller.enabled;
      assertThatThrownBy(() -> read(driver)).isInstanceOf(NvmeException.class);
      assertThatThrownBy(driver::flush).isInstanceOf(NvmeException.class);
      assertThat(controller.enabled).isEqualTo(enabled);
      assertThat(controller.readConfig(4, 2) & 4).isZero();
    }
  }

  @Test
  void oneThatComesBackAsAnotherDiskIsLeftAlone() throws Exception {
    ScriptedController controller = machine.plug(8, new ScriptedController(Vice.SILENT));
    try (NvmeDriver driver = driver()) {
      controller.blocks = 2048;
      assertThatThrownBy(() -> read(driver))
          .isInstanceOf(NvmeException.class)
          .hasMessageContaining("another disk");
    }
  }

  @Test
  void answersToNothingAreDroppedAndCounted() throws Exception {
    machine.plug(8, new ScriptedController(Vice.STRAY_ANSWERS));
    try (NvmeDriver driver = driver()) {
      for (int i = 0; i < 50; i++) {
        read(driver);
      }
      assertThat(driver.counts().strays()).isEqualTo(100);
      assertThat(driver.counts().restarts()).isZero();
    }
  }

  @Test
  void aFloodOfAnswersDoesNotHoldTheDriver() throws Exception {
    machine.plug(8, new ScriptedController(Vice.FLOOD));
    try (NvmeDriver driver = driver()) {
      for (int i = 0; i < 10; i++) {
        read(driver);
      }
      assertThat(driver.counts()).isEqualTo(new NvmeDriver.Counts(0, 10 * 63));
    }
  }
}
