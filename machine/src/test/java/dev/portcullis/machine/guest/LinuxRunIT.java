package dev.portcullis.machine.guest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.machine.guest.EduDma.Direction;
import dev.portcullis.machine.guest.EduDma.Outcome;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.qemu.install.Cache;
import dev.portcullis.qemu.install.Progress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A real kernel in a real QEMU, from the cache of the user who runs the tests.
class LinuxRunIT {
  private static final Duration BOOT = Duration.ofMinutes(3);
  private static final Duration SHORT = Duration.ofMinutes(1);

  @TempDir private Path placements;

  /// With a memory for register places that is empty at first.
  private LinuxPlan plan() throws Exception {
    Cache cache = Cache.in(Cache.defaultHome(System.getenv()));
    return new LinuxPlan(
        cache.qemu(Progress.none()),
        cache.kernel("6.1", Progress.none()),
        cache.tools(Progress.none()),
        placements);
  }

  @Test
  void aGuestThatIsKilledFindsItsDiskAgain() throws Exception {
    try (LinuxRun run = LinuxRun.of(plan())) {
      run.boot(BOOT);
      run.exec("echo kept | dd of=/dev/nvme0n1 conv=fsync 2>/dev/null", SHORT);
      run.kill();
      run.boot(BOOT);

      assertThat(run.exec("head -c 4 /dev/nvme0n1", SHORT).text()).isEqualTo("kept");
      assertThat(run.console()).contains("DMAR: dmar0: Using Queued invalidation");
      assertThat(run.statistics().blocked()).isZero();
    }
  }

  @Test
  void aWrongMemoryOfWhereRegistersAreIsCorrected() throws Exception {
    LinuxPlan plan = plan();
    try (LinuxRun run = LinuxRun.of(plan)) {
      run.boot(BOOT);
    }
    Path memory;
    try (var files = Files.list(placements)) {
      memory = files.findFirst().orElseThrow();
    }
    String right = Files.readString(memory);
    Files.writeString(memory, "fe123000 dmar0\n");
    try (LinuxRun run = LinuxRun.of(plan)) {
      run.boot(BOOT);

      assertThat(run.console()).contains("DMAR: dmar0: Using Queued invalidation");
      assertThat(Files.readString(memory)).isEqualTo(right);
    }
  }

  @Test
  void aDmaThatNobodyAllowedIsSeenByDeviceUnitAndKernel() throws Exception {
    RequesterId edu = new RequesterId(0, 6, 0);
    try (LinuxRun run = LinuxRun.of(plan().mode(UnitMode.LAZY))) {
      run.boot(BOOT);
      String printed =
          run.exec(new EduDma(edu, Direction.READ, 0x1234_5000L, 64).commands(), SHORT).text();

      assertThat(EduDma.outcome(printed)).isEqualTo(Outcome.UNSUPPORTED_REQUEST);
      assertThat(run.statistics().newestBlocked())
          .singleElement()
          .hasToString(
              "00:06.0 read at 0x12345000: reason 06h,"
                  + " a read or atomic without the right to read");
      run.session()
          .process()
          .console()
          .await("[DMA Read NO_PASID] Request device [00:06.0] fault addr 0x12345000", SHORT);
    }
  }
}
