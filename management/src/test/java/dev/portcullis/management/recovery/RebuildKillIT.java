package dev.portcullis.management.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.devices.block.FileBackend;
import dev.portcullis.kit.VictimProcess;
import dev.portcullis.vmm.platform.boot.BootDecision;
import dev.portcullis.vmm.platform.boot.BootDecision.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The process that rebuilds is killed.
class RebuildKillIT {
  private static final int MEBIBYTE = 1 << 20;
  private static final int BLOCKS = 4 * MEBIBYTE / 4096;

  @TempDir private Path folder;

  @Test
  void killedAtAnyStepItIsNotBootedAndStartsOver() throws Exception {
    Site site = Site.make(folder, BLOCKS);
    List<String> reasons = new ArrayList<>();
    boolean ended = false;
    for (int steps = 0; !ended; steps++) {
      Files.write(folder.resolve("disk.img"), filled(6 * MEBIBYTE));
      Files.write(folder.resolve("data.img"), filled(MEBIBYTE));
      ended = killAfter(steps);
      BootDecision decision = decide(site);
      reasons.add(decision.outcome() == Outcome.ADMITTED ? "admitted" : decision.reason());
      if (decision.outcome() == Outcome.ADMITTED) {
        assertThat(hasImage(site)).as("after %d steps", steps).isTrue();
      } else {
        startOver(site);
        assertThat(decide(site).outcome()).isEqualTo(Outcome.ADMITTED);
      }
    }
    // Checked, then 4 steps of the image, 2 behind it, 1 of data, and started.
    assertThat(reasons).hasSizeGreaterThanOrEqualTo(8).endsWith("admitted");
    assertThat(reasons.getFirst()).startsWith("disk disk is ");
    assertThat(reasons.subList(1, 7)).containsOnly("its rebuild is not complete");
  }

  private static byte[] filled(int bytes) {
    byte[] all = new byte[bytes];
    Arrays.fill(all, (byte) 0x5a);
    return all;
  }

  /// @return whether it came to its end before it was killed
  private boolean killAfter(int steps) throws IOException, InterruptedException {
    try (VictimProcess child = VictimProcess.start(RebuildChild.class, folder.toString())) {
      for (int i = 0; i <= steps; i++) {
        if (child.line().equals("end")) {
          return child.exitCode() == 0;
        }
        if (i < steps) {
          child.goOn();
        }
      }
      child.kill();
      return false;
    }
  }

  private BootDecision decide(Site site) throws Exception {
    try (FileBackend disk = FileBackend.open(folder.resolve("disk.img"), 512);
        FileBackend data = FileBackend.open(folder.resolve("data.img"), 512)) {
      return site.decide(disk, data);
    }
  }

  private void startOver(Site site) throws Exception {
    try (FileBackend disk = FileBackend.open(folder.resolve("disk.img"), 512);
        FileBackend data = FileBackend.open(folder.resolve("data.img"), 512);
        Rebuild rebuild =
            site.rebuild(new TestTarget(disk, data), DataDisk.REPLACE, RebuildProgress.NONE)) {
      rebuild.prepare(site.boot());
      rebuild.write();
      rebuild.start();
    }
    assertThat(hasImage(site)).isTrue();
  }

  private boolean hasImage(Site site) throws IOException {
    byte[] written = Files.readAllBytes(folder.resolve("disk.img"));
    byte[] image = Files.readAllBytes(site.image());
    return Arrays.mismatch(written, image) == image.length;
  }
}
