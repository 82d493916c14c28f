package dev.portcullis.management.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.devices.block.RamBackend;
import dev.portcullis.management.boot.VerifiedBootDescription.Others;
import dev.portcullis.management.boot.VerifiedBootDescription.VerifiedPartition;
import dev.portcullis.management.boot.log.EventLog;
import dev.portcullis.management.boot.log.PcrBank;
import dev.portcullis.management.boot.manifest.Manifest;
import dev.portcullis.management.boot.manifest.ManifestDisk;
import dev.portcullis.management.boot.manifest.ManifestFile;
import dev.portcullis.management.boot.manifest.SignatureFile;
import dev.portcullis.management.boot.manifest.SigningKey;
import dev.portcullis.management.boot.verity.BlockSource;
import dev.portcullis.management.boot.verity.HashTree;
import dev.portcullis.management.state.StateStore;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.vmm.platform.boot.BootDecision;
import dev.portcullis.vmm.platform.boot.BootDecision.Outcome;
import dev.portcullis.vmm.platform.boot.BootDisk;
import dev.portcullis.vmm.platform.boot.BootMaterial;
import dev.portcullis.vmm.platform.boot.BootPart;
import dev.portcullis.vmm.platform.boot.BootPart.Kind;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerifiedBootTest {
  private static final int BLOCKS = 300;
  private static final String LINE = "console=ttyS0 panic=-1 quiet";

  @TempDir private Path folder;
  private final RamBackend disk = new RamBackend(400 * 4096);
  private final Map<Kind, byte[]> files = new EnumMap<>(Kind.class);
  private Manifest manifest;
  private Path file;
  private StateStore state;
  private VerifiedBoot boot;

  @BeforeEach
  void make() throws Exception {
    Random random = new Random(1);
    for (Kind kind : List.of(Kind.FIRMWARE, Kind.KERNEL, Kind.INITRAMFS)) {
      byte[] bytes = new byte[1000];
      random.nextBytes(bytes);
      files.put(kind, bytes);
    }
    byte[] blocks = new byte[BLOCKS * 4096];
    random.nextBytes(blocks);
    disk.write(0, ByteBuffer.wrap(blocks));
    SigningKey.generate(folder.resolve("key"), folder.resolve("key.pub"));
    file = folder.resolve("user.manifest");
    manifest = manifest(1);
    sign(manifest);
    state = StateStore.open(folder.resolve("state"));
    boot = boot(Others.REFUSE);
  }

  private Manifest manifest(long version) throws Exception {
    Map<Kind, String> digests = new EnumMap<>(Kind.class);
    files.forEach((kind, bytes) -> digests.put(kind, sha256(bytes)));
    return new Manifest(
        "user",
        version,
        digests,
        Optional.of(LINE),
        List.of(
            new ManifestDisk(
                "disk",
                Optional.of(HashTree.over(BlockSource.of(disk), BLOCKS, new byte[] {9}).verity())),
            new ManifestDisk("data", Optional.empty())));
  }

  private static String sha256(byte[] bytes) {
    return HexFormat.of().formatHex(Measurer.sha256(bytes));
  }

  private void sign(Manifest one) throws Exception {
    byte[] bytes = ManifestFile.toJson(one).getBytes(StandardCharsets.UTF_8);
    Files.write(file, bytes);
    Files.write(SignatureFile.of(file), SigningKey.read(folder.resolve("key")).sign(bytes));
  }

  private VerifiedBoot boot(Others others) {
    VerifiedPartition user = new VerifiedPartition("user", file, SignatureFile.of(file), Map.of());
    return new VerifiedBoot(
        Optional.of(new VerifiedBootDescription(folder.resolve("key.pub"), others, List.of(user))),
        state,
        folder.resolve("logs"),
        InstantSource.fixed(Instant.EPOCH));
  }

  private List<BootPart> parts() {
    List<BootPart> parts = new ArrayList<>();
    files.forEach(
        (kind, bytes) -> parts.add(new BootPart(kind, kind.word(), bytes.length, sha256(bytes))));
    return parts;
  }

  private BootMaterial material() {
    return material("user", LINE);
  }

  private BootMaterial material(String partition, String line) {
    return new BootMaterial(partition, parts(), Optional.of(line), disks());
  }

  private List<BootDisk> disks() {
    return List.of(
        new BootDisk("disk", new RequesterId(0, 4, 0), disk),
        new BootDisk("data", new RequesterId(0, 5, 0), new RamBackend(1 << 20)));
  }

  private void assertRefused(BootMaterial material, String reason) throws Exception {
    BootDecision decision = boot.decide(material);
    assertThat(decision.outcome()).isEqualTo(Outcome.REFUSED);
    assertThat(decision.reason()).contains(reason);
    assertThat(boot.record("user").orElseThrow().verdict()).isEqualTo(Outcome.REFUSED);
  }

  @Test
  void whatIsAsItsManifestSaysIsAdmittedAndLogged() throws Exception {
    BootDecision decision = boot.decide(material());

    assertThat(decision.outcome()).isEqualTo(Outcome.ADMITTED);
    assertThat(decision.data())
        .containsEntry("kernel", sha256(files.get(Kind.KERNEL)))
        .containsEntry("command-line", LINE)
        .containsEntry("manifest-version", 1L);
    BootRecord record = boot.record("user").orElseThrow();
    assertThat(record.findings()).isEmpty();
    assertThat(record.measurements())
        .extracting(Measurement::what)
        .containsExactly(
            "firmware", "kernel", "command-line", "initramfs", "disk disk", "disk data");
    assertThat(record.measurements()).allMatch(Measurement::isAsExpected);
    EventLog log = EventLog.parse(record.eventLog());
    assertThat(PcrBank.replay(log.events()))
        .isEqualTo(record.registers())
        .containsKeys(0, 4, 8, 9, 15);
    assertThat(folder.resolve("logs").resolve("user.eventlog")).hasBinaryContent(record.eventLog());
  }

  @Test
  void everyFlippedBitOfAFileIsFound() throws Exception {
    for (Kind kind : files.keySet()) {
      byte[] bytes = files.get(kind);
      for (int bit = 0; bit < bytes.length * 8; bit += 61) {
        bytes[bit / 8] ^= (byte) (1 << bit % 8);
        assertRefused(
            material(), kind.word() + " is " + sha256(bytes).substring(0, 16) + "…, not ");
        bytes[bit / 8] ^= (byte) (1 << bit % 8);
      }
    }
    assertThat(boot.decide(material()).outcome()).isEqualTo(Outcome.ADMITTED);
  }

  @Test
  void everyFlippedBitOfADiskIsFound() throws Exception {
    Random random = new Random(2);
    for (int i = 0; i < 50; i++) {
      int at = random.nextInt(BLOCKS * 4096);
      flip(at);
      assertRefused(material(), "disk disk is ");
      flip(at);
    }
    flip(BLOCKS * 4096);
    assertThat(boot.decide(material()).outcome())
        .as("what is behind the image is data")
        .isEqualTo(Outcome.ADMITTED);
  }

  private void flip(int at) {
    ByteBuffer one = ByteBuffer.allocate(1);
    disk.read(at, one);
    one.put(0, (byte) (one.get(0) ^ 4)).rewind();
    disk.write(at, one);
  }

  @Test
  void everyOtherCharacterOfTheCommandLineIsFound() throws Exception {
    for (int i = 0; i < LINE.length(); i++) {
      StringBuilder other = new StringBuilder(LINE);
      other.setCharAt(i, '#');
      assertRefused(material("user", other.toString()), "command-line is ");
    }
    assertRefused(material("user", LINE + " init=/bin/sh"), "command-line is ");
  }

  @Test
  void whatIsMissingOrTooMuchIsFound() throws Exception {
    byte[] initramfs = files.remove(Kind.INITRAMFS);
    assertRefused(material(), "initramfs is missing");
    files.put(Kind.INITRAMFS, initramfs);
    files.put(Kind.IMAGE, new byte[1]);
    assertRefused(material(), "image is not in the manifest");
    files.remove(Kind.IMAGE);
    assertRefused(
        new BootMaterial("user", parts(), Optional.empty(), disks()), "command-line is missing");
    assertRefused(
        new BootMaterial("user", parts(), Optional.of(LINE), disks().subList(0, 1)),
        "disk data is missing");
    List<BootDisk> more = new ArrayList<>(disks());
    more.add(new BootDisk("usb", new RequesterId(0, 6, 0), new RamBackend(4096)));
    assertRefused(
        new BootMaterial("user", parts(), Optional.of(LINE), more),
        "disk usb is not in the manifest");
    BootDisk small = new BootDisk("disk", new RequesterId(0, 4, 0), new RamBackend(4096));
    assertRefused(
        new BootMaterial("user", parts(), Optional.of(LINE), List.of(small, disks().get(1))),
        "disk disk has less than 300 blocks");
  }

  @Test
  void manifestThatDoesNotCountRefuses() throws Exception {
    byte[] signature = Files.readAllBytes(SignatureFile.of(file));
    Files.write(SignatureFile.of(file), new byte[64]);
    assertRefused(material(), "is no signature of " + file);
    Files.delete(SignatureFile.of(file));
    assertRefused(material(), "user.manifest.sig: there is no such file");
    Files.write(SignatureFile.of(file), signature);
    Files.delete(file);
    assertRefused(material(), "user.manifest: there is no such file");
    sign(new Manifest("other", 1, Map.of(), Optional.empty(), List.of()));
    assertRefused(material(), "is the manifest of partition other");
    assertThat(boot.record("user").orElseThrow().measurements())
        .as("it is measured all the same")
        .hasSize(6);
  }

  @Test
  void olderManifestDoesNotCountAnyMore() throws Exception {
    sign(manifest(5));
    assertThat(boot.decide(material()).outcome()).isEqualTo(Outcome.ADMITTED);
    sign(manifest(4));
    assertRefused(material(), "has version 4, and 5 was used before");
    boot = boot(Others.REFUSE);
    assertRefused(material(), "has version 4, and 5 was used before");
    Files.writeString(folder.resolve("state/boot.version.user.state"), "damaged");
    sign(manifest(6));
    assertRefused(material(), "which version was used before is not known");
  }

  @Test
  void partitionWithoutManifestStaysOffUnlessToldOtherwise() throws Exception {
    assertThat(boot.decide(material("other", LINE)).reason()).isEqualTo("it has no manifest");
    boot = boot(Others.START);
    assertThat(boot.decide(material("other", LINE)).outcome()).isEqualTo(Outcome.UNCHECKED);
    assertThat(boot.record("other").orElseThrow().measurements()).hasSize(6);
  }

  @Test
  void diskThatMayBeHalfWrittenIsNotBooted() throws Exception {
    new RebuildMarker(state).set("user", "keep");
    assertRefused(material(), "its rebuild is not complete");

    VerifiedBoot unwanted =
        new VerifiedBoot(Optional.empty(), state, folder, InstantSource.system());
    assertThat(unwanted.decide(material()).reason()).isEqualTo("its rebuild is not complete");
    assertThat(unwanted.decide(material("other", LINE))).isEqualTo(BootDecision.UNCHECKED);

    Files.writeString(folder.resolve("state/recovery.rebuild.user.state"), "damaged");
    assertRefused(material(), "whether its rebuild is complete is not known");
    new RebuildMarker(state).clear("user");
    assertThat(boot.decide(material()).outcome()).isEqualTo(Outcome.ADMITTED);
  }

  @Test
  void diskThatCannotBeReadRefuses() throws Exception {
    BootDisk broken =
        new BootDisk(
            "disk",
            new RequesterId(0, 4, 0),
            new FailingDisk(disk, FailingDisk.Failing.READS, 100));
    assertRefused(
        new BootMaterial("user", parts(), Optional.of(LINE), List.of(broken, disks().get(1))),
        "disk disk cannot be read: injected");
  }
}
