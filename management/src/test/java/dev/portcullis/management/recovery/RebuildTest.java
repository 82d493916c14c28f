package dev.portcullis.management.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.devices.block.BlockBackend;
import dev.portcullis.devices.block.RamBackend;
import dev.portcullis.management.boot.FailingDisk;
import dev.portcullis.management.boot.FailingDisk.Failing;
import dev.portcullis.management.boot.RebuildMarker;
import dev.portcullis.vmm.platform.boot.BootDecision.Outcome;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RebuildTest {
  private static final int BLOCKS = 40;
  private static final int DISK_BLOCKS = 50;

  @TempDir private Path folder;
  private final RamBackend disk = new RamBackend(DISK_BLOCKS * 4096);
  private final RamBackend data = new RamBackend(Site.DATA_BYTES);
  private Site site;

  @BeforeEach
  void make() throws Exception {
    site = Site.make(folder, BLOCKS);
    spoil();
    fill(data, 6);
  }

  private void spoil() {
    fill(disk, 5);
  }

  private static void fill(BlockBackend disk, int seed) {
    byte[] bytes = new byte[(int) disk.sizeBytes()];
    new Random(seed).nextBytes(bytes);
    try {
      disk.write(0, ByteBuffer.wrap(bytes));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static byte[] bytes(BlockBackend disk, int from, int to) throws IOException {
    byte[] bytes = new byte[to - from];
    disk.read(from, ByteBuffer.wrap(bytes));
    return bytes;
  }

  private static byte[] random(int seed, int from, int to) {
    byte[] bytes = new byte[to];
    new Random(seed).nextBytes(bytes);
    return Arrays.copyOfRange(bytes, from, to);
  }

  private boolean hasImage() throws IOException {
    return Arrays.equals(bytes(disk, 0, BLOCKS * 4096), Files.readAllBytes(site.image()));
  }

  private TestTarget rebuild(BlockBackend onto, DataDisk what) throws Exception {
    TestTarget target = new TestTarget(onto, data);
    try (Rebuild rebuild = site.rebuild(target, what, RebuildProgress.NONE)) {
      rebuild.prepare(site.boot());
      rebuild.write();
      rebuild.start();
    }
    return target;
  }

  @Test
  void diskIsWrittenAndDataKept() throws Exception {
    List<Double> progress = new ArrayList<>();
    TestTarget target = new TestTarget(disk, data);
    try (Rebuild rebuild =
        site.rebuild(target, DataDisk.KEEP, (step, fraction) -> progress.add(fraction))) {
      rebuild.prepare(site.boot());
      rebuild.write();
      rebuild.start();
    }

    assertThat(target.done()).containsExactly("kill", "scrub", "start");
    assertThat(hasImage()).isTrue();
    assertThat(bytes(disk, BLOCKS * 4096, DISK_BLOCKS * 4096))
        .isEqualTo(random(5, BLOCKS * 4096, DISK_BLOCKS * 4096));
    assertThat(bytes(data, 0, Site.DATA_BYTES)).isEqualTo(random(6, 0, Site.DATA_BYTES));
    assertThat(progress).isSorted().endsWith(1.0);
    assertThat(site.decide(disk, data).outcome()).isEqualTo(Outcome.ADMITTED);
  }

  @Test
  void dataIsReplacedIfAsked() throws Exception {
    rebuild(disk, DataDisk.REPLACE);

    assertThat(hasImage()).isTrue();
    assertThat(bytes(disk, BLOCKS * 4096, DISK_BLOCKS * 4096)).containsOnly(0);
    assertThat(bytes(data, 0, Site.DATA_BYTES)).containsOnly(0);
  }

  @Test
  void dataIsReplacedByTheImageThatIsNamed_withZeroesBehindIt() throws Exception {
    byte[] fresh = random(9, 0, 2 * 4096);
    Files.write(site.fresh(), fresh);

    rebuild(disk, DataDisk.REPLACE);

    assertThat(bytes(data, 0, fresh.length)).isEqualTo(fresh);
    assertThat(bytes(data, fresh.length, Site.DATA_BYTES)).containsOnly(0);
    assertThat(hasImage()).isTrue();
    assertThat(site.decide(disk, data).outcome()).isEqualTo(Outcome.ADMITTED);
  }

  @Test
  void imageOfDataThatDoesNotFitChangesNothing_orIsNotLookedAt() throws Exception {
    for (int bytes : List.of(4095, Site.DATA_BYTES + 4096)) {
      Files.write(site.fresh(), new byte[bytes]);
      assertThatThrownBy(() -> rebuild(disk, DataDisk.REPLACE))
          .isInstanceOf(RecoveryException.class)
          .hasMessageContaining("whole blocks of 4 KiB are needed");
    }
    assertThat(bytes(data, 0, Site.DATA_BYTES)).isEqualTo(random(6, 0, Site.DATA_BYTES));
    assertThat(new RebuildMarker(site.state()).read("user")).isEmpty();

    rebuild(disk, DataDisk.KEEP);
    assertThat(bytes(data, 0, Site.DATA_BYTES)).isEqualTo(random(6, 0, Site.DATA_BYTES));
  }

  @Test
  void interruptedAtAnyBlockItIsNotBootedAndStartsOver() throws Exception {
    for (int block = 0; block < BLOCKS; block++) {
      spoil();
      FailingDisk failing = new FailingDisk(disk, Failing.WRITES, block);

      assertThatThrownBy(() -> rebuild(failing, DataDisk.KEEP))
          .isInstanceOf(RecoveryException.class)
          .hasMessage("a disk failed: injected");

      assertThat(site.decide(disk, data).reason())
          .as("after block %d", block)
          .isEqualTo("its rebuild is not complete");
      assertThat(new RebuildMarker(site.state()).read("user")).contains("keep");
      rebuild(disk, DataDisk.KEEP);
      assertThat(hasImage()).isTrue();
      assertThat(site.decide(disk, data).outcome()).isEqualTo(Outcome.ADMITTED);
    }
  }

  @Test
  void whatIsWrittenAndNotFlushedIsNotComplete() throws Exception {
    FailingDisk failing = new FailingDisk(disk, Failing.FLUSHES, 0);

    assertThatThrownBy(() -> rebuild(failing, DataDisk.KEEP)).hasMessageContaining("injected");
    assertThat(hasImage()).isTrue();
    assertThat(site.decide(disk, data).reason()).isEqualTo("its rebuild is not complete");
  }

  @Test
  void diskThatCannotBeReadIsWrittenAllTheSame() throws Exception {
    rebuild(new FailingDisk(disk, Failing.READS, 0), DataDisk.KEEP);

    assertThat(hasImage()).isTrue();
  }

  @Test
  void imageThatIsNotSafeChangesNothing() throws Exception {
    byte[] image = Files.readAllBytes(site.image());
    image[image.length / 2] ^= 1;
    Files.write(site.image(), image);
    assertNothingHappens("the safe image " + site.image() + " is not what the manifest says");

    Files.write(site.image(), Arrays.copyOf(image, image.length - 1));
    assertNothingHappens("the safe image " + site.image() + " has less than 40 blocks");

    Files.delete(site.image());
    assertNothingHappens("there is no safe image " + site.image());
  }

  @Test
  void manifestThatDoesNotCountChangesNothing() throws Exception {
    Files.writeString(site.manifest(), "{}");
    assertNothingHappens(
        "%s.sig is no signature of %s by the key %s"
            .formatted(site.manifest(), site.manifest(), folder.resolve("key.pub")));
  }

  @Test
  void stateThatCannotBeKeptChangesNothing() throws Exception {
    Path state = folder.resolve("state");
    TestTarget target = new TestTarget(disk, data);
    try (Rebuild rebuild = site.rebuild(target, DataDisk.KEEP, RebuildProgress.NONE)) {
      rebuild.prepare(site.boot());
      Files.delete(state);
      assertThatThrownBy(rebuild::write).hasMessageStartingWith("cannot write");
    }
    assertThat(target.done()).isEmpty();
    assertThat(bytes(disk, 0, 4096)).isEqualTo(random(5, 0, 4096));
  }

  private void assertNothingHappens(String reason) throws Exception {
    TestTarget target = new TestTarget(disk, data);
    try (Rebuild rebuild = site.rebuild(target, DataDisk.REPLACE, RebuildProgress.NONE)) {
      assertThatThrownBy(() -> rebuild.prepare(site.boot()))
          .isInstanceOf(RecoveryException.class)
          .hasMessage(reason);
    }
    assertThat(target.done()).isEmpty();
    assertThat(bytes(disk, 0, 4096)).isEqualTo(random(5, 0, 4096));
    assertThat(new RebuildMarker(site.state()).read("user")).isEmpty();
  }

  @Test
  void imageThatChangesAfterItWasCheckedIsNotWritten() throws Exception {
    TestTarget target = new TestTarget(disk, data);
    try (Rebuild rebuild = site.rebuild(target, DataDisk.KEEP, RebuildProgress.NONE)) {
      rebuild.prepare(site.boot());
      byte[] image = Files.readAllBytes(site.image());
      image[0] ^= 1;
      Files.write(site.image(), image);

      assertThatThrownBy(rebuild::write)
          .hasMessage("the safe image " + site.image() + " has changed meanwhile");
    }
    assertThat(bytes(disk, 0, 4096)).isEqualTo(random(5, 0, 4096));
    assertThat(site.decide(disk, data).reason()).isEqualTo("its rebuild is not complete");
  }

  @Test
  void diskThatGoesToAnotherPartitionIsWrittenNoFurther() throws Exception {
    TestTarget target = new TestTarget(disk, data);
    try (Rebuild rebuild =
        site.rebuild(target, DataDisk.REPLACE, (step, fraction) -> loseAfterImage(target, step))) {
      rebuild.prepare(site.boot());
      assertThatThrownBy(rebuild::write).hasMessage("disk disk is not partition user's any more");
    }
    assertThat(bytes(disk, BLOCKS * 4096, DISK_BLOCKS * 4096))
        .isEqualTo(random(5, BLOCKS * 4096, DISK_BLOCKS * 4096));
    assertThat(site.decide(disk, data).reason()).isEqualTo("its rebuild is not complete");
  }

  private static void loseAfterImage(TestTarget target, String step) {
    if (step.equals("disk disk is written")) {
      target.loseDisks();
    }
  }

  @Test
  void diskThatDoesNotFitIsSaid() throws Exception {
    RamBackend small = new RamBackend(4096);
    assertThatThrownBy(() -> rebuild(small, DataDisk.KEEP))
        .hasMessage("disk disk has less than 40 blocks");
  }
}
