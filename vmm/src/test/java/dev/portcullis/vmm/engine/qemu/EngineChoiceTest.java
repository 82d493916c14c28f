package dev.portcullis.vmm.engine.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.qemu.install.Cache;
import dev.portcullis.qemu.install.Kernel;
import dev.portcullis.qemu.install.ProgramTree;
import dev.portcullis.qemu.install.QemuInstallation;
import dev.portcullis.qemu.install.QemuVersion;
import dev.portcullis.qemu.install.Tools;
import dev.portcullis.qemu.run.Accelerator;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EngineChoiceTest {
  private static final long ENOUGH = 256 << 20;

  @TempDir private Path folder;

  private LinuxSupply supply() {
    return new LinuxSupply(
        new QemuInstallation(List.of("qemu"), Map.of(), new QemuVersion(11, 1, 3), ""),
        new Kernel(folder, "6.12", Optional.empty()),
        new Tools(new ProgramTree(folder)),
        Accelerator.TCG);
  }

  @Test
  void qemuWhereItIsThere() {
    var found = new LinuxSupply.Finding(Optional.of(supply()), "there is " + supply());
    EngineChoice choice = EngineChoice.auto(ENOUGH, found);
    assertThat(choice.kind()).isEqualTo("qemu");
    assertThat(choice).hasToString("engine qemu: there is QEMU 11.1.3 (TCG) with Linux 6.12");
  }

  @Test
  void embeddedWhereThePartitionIsTooSmallForALinux() {
    var found = new LinuxSupply.Finding(Optional.of(supply()), "there is one");
    assertThat(EngineChoice.auto(32 << 20, found))
        .hasToString("engine embedded: 32 MiB are too few for a Linux in QEMU");
  }

  @Test
  void embeddedWhereNothingIsInstalled() throws Exception {
    EngineChoice choice = EngineChoice.auto(ENOUGH, LinuxSupply.find(Cache.in(folder)));
    assertThat(choice.kind()).isEqualTo("embedded");
    assertThat(choice.why()).isEqualTo("there is no QEMU in " + folder);
    assertThat(folder).as("looking installs nothing").isEmptyDirectory();
  }
}
