package dev.portcullis.management.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.devices.block.RamBackend;
import dev.portcullis.management.boot.RebuildMarker;
import dev.portcullis.management.boot.VerifiedBoot;
import dev.portcullis.management.recovery.BootOverride.Setting;
import dev.portcullis.vmm.platform.boot.BootDecision;
import dev.portcullis.vmm.platform.boot.BootDecision.Outcome;
import dev.portcullis.vmm.platform.boot.BootMaterial;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A partition begins from its safe image when that is wanted, and then only.
class BootOverrideTest {
  private static final int BLOCKS = 40;

  @TempDir private Path folder;
  private final RamBackend disk = new RamBackend(50 * 4096);
  private final RamBackend data = new RamBackend(Site.DATA_BYTES);
  private Site site;
  private VerifiedBoot gate;
  private BootOverride override;

  @BeforeEach
  void make() throws Exception {
    site = Site.make(folder, BLOCKS);
    gate = site.boot();
    override = new BootOverride(site.state(), gate);
    gate.prepareBy(override);
    data.write(0, ByteBuffer.wrap(new byte[] {7}));
  }

  private BootDecision begin() throws Exception {
    return gate.decide(
        new BootMaterial("user", List.of(), Optional.empty(), Site.disks(disk, data)));
  }

  private void spoil() throws IOException {
    disk.write(8192, ByteBuffer.wrap(new byte[] {1, 2, 3}));
  }

  private byte dataByte() throws IOException {
    byte[] bytes = new byte[1];
    data.read(0, ByteBuffer.wrap(bytes));
    return bytes[0];
  }

  @Test
  void onceIsOnceAndWhatSpoiledTheDiskIsGone() throws Exception {
    assertThat(begin().outcome()).isEqualTo(Outcome.REFUSED);
    override.set("user", Setting.ONCE);

    BootDecision decision = begin();

    assertThat(decision.outcome()).isEqualTo(Outcome.ADMITTED);
    assertThat(decision.data()).containsEntry("source", "safe-image");
    assertThat(decision.reason()).contains("safe images");
    assertThat(dataByte()).as("data stays").isEqualTo((byte) 7);
    assertThat(override.of("user")).isEqualTo(Setting.NEVER);
    assertThat(begin().data()).doesNotContainKey("source");
    spoil();
    assertThat(begin().outcome()).isEqualTo(Outcome.REFUSED);
  }

  @Test
  void continuousOutlivesTheProgram() throws Exception {
    override.set("user", Setting.CONTINUOUS);
    for (int i = 0; i < 2; i++) {
      spoil();
      gate = site.boot();
      gate.prepareBy(new BootOverride(site.state(), gate));
      assertThat(begin().outcome()).isEqualTo(Outcome.ADMITTED);
    }
    assertThat(override.of("user")).isEqualTo(Setting.CONTINUOUS);
  }

  @Test
  void anImageThatIsNotSafeIsNotBegunFrom() throws Exception {
    override.set("user", Setting.ONCE);
    Files.write(site.image(), new byte[BLOCKS * 4096]);

    BootDecision decision = begin();

    assertThat(decision.outcome()).isEqualTo(Outcome.REFUSED);
    assertThat(decision.reason())
        .contains("does not begin from its safe image")
        .contains("is not what the manifest says");
    assertThat(override.of("user")).as("it is still wanted").isEqualTo(Setting.ONCE);
  }

  @Test
  void aRebuildThatWasCutShortIsARebuildsToComplete() throws Exception {
    override.set("user", Setting.CONTINUOUS);
    new RebuildMarker(site.state()).set("user", "replace");

    assertThat(begin().reason()).contains("its rebuild is not complete");
    assertThat(new RebuildMarker(site.state()).read("user")).contains("replace");
  }

  @Test
  void nobodyWritesDisksThatAreBeingWritten() throws Exception {
    override.set("user", Setting.ONCE);
    assertThat(gate.writers().begin("user")).isTrue();
    assertThat(begin().reason()).contains("its disks are being written");
    gate.writers().end("user");
    assertThat(begin().outcome()).isEqualTo(Outcome.ADMITTED);
  }

  @Test
  void whatNobodyKnowsAnyMoreIsNotGuessed() throws Exception {
    override.set("user", Setting.ONCE);
    Files.writeString(folder.resolve("state/boot.override.user.state"), "x");
    assertThat(begin().outcome()).isEqualTo(Outcome.REFUSED);
    override.set("user", Setting.ONCE);
    assertThat(begin().outcome()).isEqualTo(Outcome.ADMITTED);
  }

  @Test
  void whereThereIsNoSafeImageNoneIsBegunFrom() {
    assertThat(override.isPossible("user")).isTrue();
    assertThat(override.isPossible("other")).isFalse();
  }
}
