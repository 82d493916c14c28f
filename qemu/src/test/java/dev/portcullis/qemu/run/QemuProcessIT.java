package dev.portcullis.qemu.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.qemu.install.Cache;
import dev.portcullis.qemu.install.KernelVersion;
import dev.portcullis.qemu.install.Progress;
import dev.portcullis.qemu.install.QemuInstallation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QemuProcessIT {

  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final Cache CACHE = Cache.in(Cache.defaultHome(System.getenv()));

  private static QemuInstallation qemu;

  @BeforeAll
  static void provideQemu() throws Exception {
    qemu = CACHE.qemu(Progress.none());
  }

  @Test
  void theMonitorExecutesCommandsAndReportsEvents() throws Exception {
    try (var process = QemuProcess.start(qemu, new QemuCommandLine().argument("-S"))) {
      var qmp = process.qmp();
      assertThat(qmp.execute("query-status").path("status").asString()).isEqualTo("prelaunch");

      qmp.execute("cont");
      qmp.awaitEvent("RESUME", LIMIT);
      qmp.execute("quit");

      assertThat(process.awaitExit(LIMIT)).hasValue(0);
    }
  }

  @Test
  void aRefusedCommandIsReportedInQemusWords() throws Exception {
    try (var process = QemuProcess.start(qemu, new QemuCommandLine())) {
      assertThatThrownBy(() -> process.qmp().execute("device_del", Map.of("id", "none")))
          .isInstanceOf(QemuException.class)
          .hasMessageContaining("Device 'none' not found");
      assertThatThrownBy(() -> process.qmp().awaitEvent("NEVER", Duration.ofMillis(10)))
          .isInstanceOf(QemuException.class);
    }
  }

  @Test
  void aMachineThatCannotStartIsReportedInQemusWords() {
    assertThatThrownBy(() -> QemuProcess.start(qemu, new QemuCommandLine().device("no-such")))
        .isInstanceOf(QemuException.class)
        .hasMessageContaining("ended with code 1")
        .hasMessageContaining("no-such");
  }

  @Test
  void aVfioUserDeviceWithoutItsServerIsReportedInQemusWords() {
    var line = new QemuCommandLine().vfioUser("5", Path.of("/nowhere/socket"));

    assertThatThrownBy(() -> QemuProcess.start(qemu, line))
        .isInstanceOf(QemuException.class)
        .hasMessageContaining("/nowhere/socket");
  }

  @Test
  void aKilledMachineFailsWhoWaitsForIt() throws Exception {
    try (var process = QemuProcess.start(qemu, new QemuCommandLine())) {
      process.kill();

      assertThat(process.isAlive()).isFalse();
      assertThatThrownBy(() -> process.qmp().execute("query-status"))
          .isInstanceOf(QemuException.class);
      assertThatThrownBy(() -> process.console().await("anything", LIMIT))
          .isInstanceOf(QemuException.class)
          .hasMessageContaining("the machine ended");
    }
  }

  @Test
  void theBestAcceleratorIsFoundAndRememberedUntilAnotherKernelAsks(@TempDir Path home)
      throws Exception {
    var kernel = CACHE.kernel(KernelVersion.values()[0], Progress.none());
    var found = Accelerator.best(qemu, kernel, CACHE);
    assertThat(found == Accelerator.KVM)
        .isEqualTo(KvmState.probe(qemu, kernel, LIMIT.dividedBy(2)) == KvmState.USABLE);
    Path memory = home.resolve("accelerator-" + kernel.release());
    String remembered = Files.readString(CACHE.home().resolve(memory.getFileName()));

    Files.writeString(memory, remembered.replace(found.name(), Accelerator.QTEST.name()));
    assertThat(Accelerator.best(qemu, kernel, Cache.in(home))).isEqualTo(Accelerator.QTEST);

    Files.writeString(memory, remembered.replace(kernel.release(), "0.1"));
    assertThat(Accelerator.best(qemu, kernel, Cache.in(home))).isEqualTo(found);
    assertThat(memory).hasContent(remembered);
  }
}
