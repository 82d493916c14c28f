package dev.portcullis.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.vmm.platform.Examiner;
import dev.portcullis.vmm.platform.Examiner.Outcome;
import dev.portcullis.vmm.platform.PlatformEvent;
import dev.portcullis.vmm.platform.RunningPlatform;
import dev.portcullis.vmm.platform.description.Expectation;
import dev.portcullis.vmm.platform.description.PlatformDescription;
import dev.portcullis.vmm.platform.description.PlatformFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The client platform with Linux in both partitions: the user's traffic goes through the Linux
/// bridge of the services partition, which drives the network card with its stock driver.
class QemuPlatformIT {
  @TempDir private Path folder;

  private PlatformDescription clientPlatform() throws Exception {
    String text =
        Files.readString(Lab.ROOT.resolve("examples").resolve("client-platform.yaml"))
            .replaceAll("(?m)^rules:.*$", "") // Linux's bridge has none of ours
            .replace("memory: 256M", "memory: 1G")
            .replace("memory: 64M", "memory: 320M\n    engine: qemu")
            .replace("memory: 32M", "memory: 192M\n    engine: qemu")
            .replace("{does: ping,", "{within-seconds: 300, does: ping,")
            .replace("{does: page,", "{within-seconds: 300, does: page,");
    return PlatformFile.parse("client-platform.yaml", folder, text);
  }

  @Test
  void everythingExpectedHolds() throws Exception {
    List<PlatformEvent> events = new CopyOnWriteArrayList<>();
    PlatformDescription description = clientPlatform();
    try (RunningPlatform platform = RunningPlatform.start(description, folder, events::add)) {
      Examiner examiner = new Examiner(platform, events);
      for (Expectation expectation : description.expectations()) {
        Outcome outcome = examiner.examine(expectation);
        assertThat(outcome.held()).as("%s: %s", expectation, outcome.detail()).isTrue();
      }
      assertThat(platform.lvmm().breaches()).isEmpty();
    }
  }
}
