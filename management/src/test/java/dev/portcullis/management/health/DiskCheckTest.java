package dev.portcullis.management.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.devices.block.BlockBackend;
import dev.portcullis.devices.block.RamBackend;
import dev.portcullis.management.boot.FailingDisk;
import dev.portcullis.management.boot.FailingDisk.Failing;
import dev.portcullis.management.boot.verity.BlockSource;
import dev.portcullis.management.boot.verity.HashTree;
import dev.portcullis.management.boot.verity.Verity;
import dev.portcullis.management.health.CheckResult.Outcome;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DiskCheckTest {
  private static final int BLOCKS = 600;
  private static final int VERIFIED = 300;

  private final RamBackend disk = new RamBackend(BLOCKS * 4096);

  private static CheckResult run(BlockBackend disk, Optional<Verity> wanted) throws Exception {
    return new DiskCheck("disk", disk, wanted, new Pace(1L << 40), DiagnosisProgress.NONE).run();
  }

  private Verity verity() throws Exception {
    byte[] bytes = new byte[BLOCKS * 4096];
    new Random(7).nextBytes(bytes);
    disk.write(0, ByteBuffer.wrap(bytes));
    return HashTree.over(BlockSource.of(disk), VERIFIED, new byte[] {1, 2}).verity();
  }

  private void change(int block) throws Exception {
    disk.write(block * 4096L + 5, ByteBuffer.wrap(new byte[] {1, 2, 3, 4}));
  }

  @Test
  void blocksOfAManifestAreCompared() throws Exception {
    Verity verity = verity();

    assertThat(run(disk, Optional.of(verity)).text())
        .isEqualTo("all of 2 MiB can be read; 300 blocks are what its manifest says");

    change(VERIFIED);
    assertThat(run(disk, Optional.of(verity)).outcome()).isEqualTo(Outcome.PASSED);

    change(VERIFIED - 1);
    assertThat(run(disk, Optional.of(verity)).outcome()).isEqualTo(Outcome.FAILED);
    assertThat(run(disk, Optional.empty()).outcome()).isEqualTo(Outcome.PASSED);
  }

  @Test
  void manifestOfALargerDiskIsNotFulfilled() throws Exception {
    Verity verity = verity();

    assertThat(run(new RamBackend(100 * 4096), Optional.of(verity)).text())
        .isEqualTo("its manifest speaks of 300 blocks");
  }

  @Test
  void blocksFromSomewhereOnAreNamed() throws Exception {
    assertThat(run(new FailingDisk(disk, Failing.READS, 257), Optional.empty()).text())
        .isEqualTo("343 blocks of 4 KiB cannot be read: 257-599 (injected)");
  }

  @Test
  void diskThatAnswersNothingIsGivenUp() throws Exception {
    RamBackend large = new RamBackend(80 << 20);

    assertThat(run(new FailingDisk(large, Failing.READS, 0), Optional.empty()).text())
        .isEqualTo(
            "16,384 blocks of 4 KiB cannot be read: 0-16383; given up there, the rest was not read"
                + " (injected)");
  }
}
