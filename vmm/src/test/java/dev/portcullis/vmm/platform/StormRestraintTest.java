package dev.portcullis.vmm.platform;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.machine.chassis.Chassis;
import dev.portcullis.pci.PciFunction;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.vmm.platform.description.PlatformFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A device of a running platform that is refused on and on: `iommu-testdev`, whose DMA runs on the
/// thread of whoever reads its trigger.
@Timeout(60)
class StormRestraintTest {
  private static final int TRIGGER = 0x00;
  private static final int ADDRESS = 0x04;
  private static final int LENGTH = 0x0c;
  private static final int DOORBELL = 0x14;
  private static final int PAGE = 4096;
  private static final long NOWHERE = 0x40_0000_0000L;
  private static final long OWN = 0x10_0000;
  private static final String PLATFORM =
      """
      memory: 128M
      units: [{at: 00:01.0, profile: scalable}]
      devices:
        - {name: rogue, type: iommu-testdev, at: 00:05.0}
      partitions:
        - {name: other, memory: 16M, runs: client, devices: [rogue]}
      """;

  @TempDir private Path folder;
  private RunningPlatform platform;
  private RequesterId at;
  private PciFunction rogue;

  @BeforeEach
  void start() throws Exception {
    platform =
        RunningPlatform.start(
            PlatformFile.parse("test.yaml", folder, PLATFORM), folder, event -> {});
    at = platform.description().device("rogue");
    rogue =
        platform.chassis().slots().stream()
            .filter(slot -> slot.at().equals(at))
            .map(Chassis.Slot::function)
            .findFirst()
            .orElseThrow();
  }

  @AfterEach
  void end() {
    platform.close();
  }

  /// DMA of 8 bytes to each of `pages` pages; the device writes page by page.
  private void dma(long iova, long pages) {
    rogue.writeBar(0, ADDRESS, 8, iova);
    rogue.writeBar(0, LENGTH, 4, (pages - 1) * PAGE + 8);
    rogue.writeBar(0, DOORBELL, 4, 1);
    rogue.readBar(0, TRIGGER, 4);
  }

  @Test
  void refusedOnAndOnItIsHeldToARate() {
    long refused = 3_000;
    long begun = System.nanoTime();
    dma(NOWHERE, refused);
    Duration took = Duration.ofNanos(System.nanoTime() - begun);

    assertThat(platform.chassis().blocked().count()).isEqualTo(refused);
    // A thousand at once, and the others at ten a millisecond: never faster, whoever measures.
    assertThat(took).isGreaterThan(Duration.ofMillis(150));
  }

  /// As long as it does what it may, nothing holds it back: a million refusals would take 100 s.
  @Test
  void permittedDmaIsNotHeldBack() {
    for (int i = 0; i < 1_000; i++) {
      dma(OWN, 1_000);
    }
    assertThat(platform.chassis().blocked().count()).isZero();
  }

  /// A million refusals are under way, which would take a hundred seconds.
  @Test
  void aResetEndsWhatIsHeldBack() throws Exception {
    Thread guest = Thread.ofPlatform().start(() -> dma(NOWHERE, 1 << 20));
    while (platform.chassis().blocked().count() < 2_000) {
      TimeUnit.MILLISECONDS.sleep(1);
    }
    platform.lvmm().assignments().quarantine(at, "other");
    guest.join();

    assertThat(platform.chassis().blocked().count()).isLessThan(1 << 20);
    assertThat(platform.lvmm().assignments().isQuarantined(at)).isTrue();
  }

  /// Thousands of triggers follow each other: whoever stops the device has a turn between two.
  @Test
  void aStormInTurnsIsStopped() throws Exception {
    Thread guest =
        Thread.ofPlatform()
            .start(() -> {
              while (!Thread.currentThread().isInterrupted()) {
                dma(NOWHERE, 200);
              }
            });
    while (platform.chassis().blocked().count() < 2_000) {
      TimeUnit.MILLISECONDS.sleep(1);
    }
    platform.lvmm().assignments().quarantine(at, "other");
    platform.lvmm().assignments().resume(at);
    guest.interrupt();
    guest.join();

    assertThat(platform.lvmm().assignments().isQuarantined(at)).isFalse();
  }
}
