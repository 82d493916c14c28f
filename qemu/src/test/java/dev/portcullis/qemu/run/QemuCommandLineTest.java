package dev.portcullis.qemu.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.qemu.install.QemuVersion;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class QemuCommandLineTest {

  private static final Path FOLDER = Path.of("/run/p");
  private static final QemuVersion VERSION = new QemuVersion(11, 1, 3);

  @Test
  void memoryIsSharedAndNothingUnaskedIsInTheMachine() {
    assertThat(render(new QemuCommandLine().memoryMebibytes(256)))
        .contains(" -nodefaults ")
        .contains(" -nic none ")
        .contains(" -machine q35,memory-backend=memory ")
        .contains(" -object memory-backend-memfd,id=memory,size=256M,share=on -m 256M ");
  }

  @Test
  void memoryCanBeAWindowOfAFile() {
    var line = new QemuCommandLine().memoryMebibytes(256).memoryFile(Path.of("/a,b"), 512 << 20);
    assertThat(render(line))
        .contains(
            " -object memory-backend-file,id=memory,size=256M,share=on,mem-path=/a,,b,"
                + "offset=536870912 -m 256M ")
        .isEqualTo(render(line.copy()));
  }

  @Test
  void aKernelGetsItsConsoleAndTheWordsGiven() {
    var line =
        new QemuCommandLine()
            .kernel(Path.of("/k"), Path.of("/i"))
            .append("intel_iommu=on")
            .append("iommu.strict=1");

    assertThat(line.arguments(FOLDER, VERSION))
        .containsSequence("-kernel", "/k", "-initrd", "/i", "-append")
        .contains("console=ttyS0 panic=-1 intel_iommu=on iommu.strict=1");
  }

  @Test
  void aVfioUserDeviceIsWrittenAsJson() {
    assertThat(new QemuCommandLine().vfioUser("1e.0", Path.of("/a\"b")).arguments(FOLDER, VERSION))
        .containsSequence(
            "-device",
            "{\"driver\":\"vfio-user-pci\",\"addr\":\"1e.0\","
                + "\"socket\":{\"type\":\"unix\",\"path\":\"/a\\\"b\"}}");
  }

  @Test
  void devicesKeepTheirOrder() {
    var line = new QemuCommandLine().device("intel-iommu").device("nvme,serial=1").device("edu");

    assertThat(render(line)).contains("-device intel-iommu -device nvme,serial=1 -device edu");
  }

  @Test
  void aCommaInAFileNameIsDoubled() {
    assertThat(new QemuCommandLine().acpiTable(Path.of("/a,b")).arguments(FOLDER, VERSION))
        .containsSequence("-acpitable", "file=/a,,b");
  }

  @Test
  void theConsoleIsTheFirstSerialPortAndChannelsFollow() {
    assertThat(render(new QemuCommandLine().channel("stdout").channel("control")))
        .contains("-chardev socket,id=console,path=/run/p/console -serial chardev:console")
        .containsSubsequence(
            "-serial chardev:console", "-serial chardev:stdout", "-serial chardev:control");
  }

  @Test
  void aTerminalConsoleSharesThePersonsTerminalWithTheMonitor() {
    assertThat(render(new QemuCommandLine().console(QemuCommandLine.ConsoleKind.TERMINAL)))
        .contains("-chardev stdio,id=console,mux=on,signal=off -monitor chardev:console");
  }

  @Test
  void aResetEndsTheRunUnlessARestartIsWanted() {
    assertThat(render(new QemuCommandLine())).contains(" -no-reboot ");
    assertThat(render(new QemuCommandLine().onReset(QemuCommandLine.OnReset.RESTART)))
        .doesNotContain("-no-reboot");
  }

  @Test
  void onlyAQemuThatCanIsToldToEndWithItsParent() {
    var line = new QemuCommandLine();

    assertThat(line.arguments(FOLDER, VERSION)).contains("exit-with-parent=on");
    assertThat(line.arguments(FOLDER, new QemuVersion(10, 1, 0)))
        .doesNotContain("exit-with-parent=on");
  }

  @Test
  void aCopyChangesIndependently() {
    var original = new QemuCommandLine().device("edu");
    original.copy().device("nvme").append("x").channel("extra");

    assertThat(render(original)).isEqualTo(render(new QemuCommandLine().device("edu")));
  }

  @Test
  void nonsenseIsRefused() {
    assertThatThrownBy(() -> new QemuCommandLine().vfioUser("5,x", FOLDER))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new QemuCommandLine().channel("a").channel("a"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new QemuCommandLine().channel("../x"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aMonitorRequestIsOneLineOfJson() {
    assertThat(Qmp.request("stop", java.util.Map.of(), 7))
        .isEqualTo("{\"execute\":\"stop\",\"id\":7}\n");
    assertThat(Qmp.request("device_del", java.util.Map.of("id", "a\nb"), 8))
        .isEqualTo("{\"execute\":\"device_del\",\"id\":8,\"arguments\":{\"id\":\"a\\nb\"}}\n");
  }

  private static String render(QemuCommandLine line) {
    return " " + String.join(" ", line.arguments(FOLDER, VERSION)) + " ";
  }
}
