package dev.portcullis.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.management.boot.BootRecord;
import dev.portcullis.management.boot.ManifestMaker;
import dev.portcullis.management.boot.VerifiedBoot;
import dev.portcullis.management.boot.VerifiedBootDescription;
import dev.portcullis.management.boot.VerifiedBootDescription.Others;
import dev.portcullis.management.boot.verity.HashTree;
import dev.portcullis.management.boot.verity.Verity;
import dev.portcullis.management.state.StateStore;
import dev.portcullis.qemu.host.HostCommand;
import dev.portcullis.qemu.install.Cache;
import dev.portcullis.qemu.install.ProgramTree;
import dev.portcullis.qemu.install.Progress;
import dev.portcullis.vmm.platform.boot.BootMaterial;
import dev.portcullis.vmm.platform.boot.BootPart;
import dev.portcullis.vmm.platform.boot.BootPart.Kind;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What others think of our event logs and hash trees: the TPM's own tools, and `veritysetup`.
class BootToolsIT {
  private static final Pattern REGISTER = Pattern.compile("\\s+(\\d+)\\s*: 0x([0-9a-f]{64})");

  private static ProgramTree tools;

  @TempDir private Path folder;

  @BeforeAll
  static void install() throws Exception {
    tools = Lab.CACHE.bootTools(Progress.none());
  }

  private static HostCommand.Result run(String program, String... words) throws Exception {
    return new HostCommand(tools.command(program, words)).run(Duration.ofMinutes(1));
  }

  private BootRecord boot(Kind... kinds) throws Exception {
    List<BootPart> parts =
        List.of(kinds).stream()
            .map(kind -> new BootPart(kind, "/boot/" + kind.word(), 0x40000, digest(kind)))
            .toList();
    VerifiedBoot boot =
        new VerifiedBoot(
            Optional.of(
                new VerifiedBootDescription(folder.resolve("none"), Others.START, List.of())),
            StateStore.open(folder.resolve("state")),
            folder,
            InstantSource.system());
    boot.decide(new BootMaterial("user", parts, Optional.of("console=ttyS0 quiet"), List.of()));
    return boot.record("user").orElseThrow();
  }

  private static String digest(Kind kind) {
    byte[] bytes = new byte[32];
    new Random(kind.ordinal()).nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  @Test
  void tpmToolsReadTheEventLogAndComputeTheSameRegisters() throws Exception {
    BootRecord record = boot(Kind.FIRMWARE, Kind.KERNEL, Kind.INITRAMFS);

    var told = run(Cache.TPM2, "eventlog", folder.resolve("user.eventlog").toString());

    assertThat(told.exitCode()).as(told.output()).isZero();
    assertThat(told.output())
        .contains("EV_EFI_PLATFORM_FIRMWARE_BLOB", "EV_SEPARATOR", "EV_IPL")
        .contains("Digest: \"" + digest(Kind.KERNEL) + "\"")
        .contains("kernel_cmdline: console=ttyS0 quiet");
    assertThat(registers(told.output())).isEqualTo(record.registers()).containsKeys(0, 4, 7, 8, 9);
  }

  private static SortedMap<Integer, String> registers(String told) {
    SortedMap<Integer, String> registers = new TreeMap<>();
    Matcher matcher = REGISTER.matcher(told.substring(told.indexOf("\npcrs:")));
    while (matcher.find()) {
      registers.put(Integer.parseInt(matcher.group(1)), matcher.group(2));
    }
    return registers;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 128, 129, 20_000})
  void veritysetupVerifiesOurTreesAndFindsWhatWasChanged(int blocks) throws Exception {
    byte[] bytes = new byte[blocks * Verity.BLOCK_BYTES];
    new Random(blocks).nextBytes(bytes);
    Path image = Files.write(folder.resolve("image"), bytes);
    Path hashes = folder.resolve("hashes");
    Verity verity = write(image, hashes);

    var good = run(Cache.VERITYSETUP, "verify", image.toString(), hashes.toString(), verity.root());
    assertThat(good.exitCode()).as(good.output()).isZero();

    bytes[bytes.length / 2] ^= 1;
    Files.write(image, bytes);
    var bad = run(Cache.VERITYSETUP, "verify", image.toString(), hashes.toString(), verity.root());
    assertThat(bad.exitCode()).as(bad.output()).isNotZero();
  }

  private static Verity write(Path image, Path hashes) throws Exception {
    HashTree tree = ManifestMaker.tree(image, new byte[] {1, 2, 3, 4});
    try (OutputStream out = Files.newOutputStream(hashes)) {
      tree.writeTo(out);
    }
    return tree.verity();
  }

  @Test
  void veritysetupComputesTheSameRoot() throws Exception {
    byte[] bytes = new byte[1000 * Verity.BLOCK_BYTES];
    new Random(1).nextBytes(bytes);
    Path image = Files.write(folder.resolve("image"), bytes);
    Map<String, String> roots = new TreeMap<>();
    for (String salt : List.of("-", "00ff00ff")) {
      var told =
          run(
              Cache.VERITYSETUP,
              "format",
              "--salt=" + salt,
              image.toString(),
              folder.resolve("hashes" + salt).toString());
      assertThat(told.exitCode()).as(told.output()).isZero();
      Matcher root = Pattern.compile("Root hash:\\s+([0-9a-f]+)").matcher(told.output());
      assertThat(root.find()).isTrue();
      roots.put(salt, root.group(1));
    }

    assertThat(ManifestMaker.tree(image, new byte[0]).verity().root()).isEqualTo(roots.get("-"));
    assertThat(ManifestMaker.tree(image, HexFormat.of().parseHex("00ff00ff")).verity().root())
        .isEqualTo(roots.get("00ff00ff"));
  }
}
