package dev.portcullis.management.boot.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.portcullis.management.boot.verity.Verity;
import dev.portcullis.vmm.platform.boot.BootPart.Kind;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ManifestFileTest {
  private static final String DIGEST = "0123456789abcdef".repeat(4);
  private static final Manifest GOOD =
      new Manifest(
          "user",
          7,
          Map.of(Kind.KERNEL, DIGEST, Kind.INITRAMFS, "f".repeat(64)),
          Optional.of("console=ttyS0 a=\"b\\c\" é\n"),
          List.of(
              new ManifestDisk("disk", Optional.of(new Verity(4096, "00ff", DIGEST))),
              new ManifestDisk("data", Optional.empty())));
  private static final byte[] BYTES = ManifestFile.toJson(GOOD).getBytes(StandardCharsets.UTF_8);

  @TempDir private Path folder;
  private Path file;
  private Path signature;

  @BeforeEach
  void sign() throws Exception {
    SigningKey.generate(folder.resolve("one.key"), folder.resolve("one.pub"));
    file = Files.write(folder.resolve("user.manifest"), BYTES);
    signature = SignatureFile.of(file);
    Files.write(signature, SigningKey.read(folder.resolve("one.key")).sign(BYTES));
  }

  private VerifyingKey key() throws Exception {
    return VerifyingKey.read(folder.resolve("one.pub"));
  }

  private static String refusalOf(byte[] bytes) {
    return catchThrowableOfType(ManifestException.class, () -> ManifestFile.parse("m", bytes))
        .getMessage();
  }

  @Test
  void isReadAsItWasWritten() throws Exception {
    assertThat(ManifestFile.parse("m", BYTES)).isEqualTo(GOOD);
    assertThat(ManifestFile.readSigned(file, signature, key())).isEqualTo(GOOD);
  }

  static Stream<Arguments> mistakes() {
    return Stream.of(
        Arguments.of("\"boot-manifest\": 1,", "", "m:1: \"boot-manifest\" is missing"),
        Arguments.of(
            "\"boot-manifest\": 1", "\"boot-manifest\": 2", "m:2: boot-manifest: 2 is not"),
        Arguments.of("\"version\": 7", "\"version\": 0", "m:4: version: 0 is not a whole number"),
        Arguments.of("\"version\": 7", "\"version\": 99999999999", "m:4: version: "),
        Arguments.of("\"kernel\"", "\"kernal\"", "m:5: kernal: there is no such key"),
        Arguments.of("\"kernel\"", "\"initramfs\"", "m:6: not YAML: Duplicate"),
        Arguments.of("\"0123", "\"X123", "m:5: kernel: a SHA-256 digest has 64 digits"),
        Arguments.of("\"00ff\"", "\"0ff\"", "m:9: disks[0].salt: a salt has two digits"),
        Arguments.of(
            ", \"salt\": \"00ff\"", "", "m:9: disks[0]: \"blocks\", \"salt\" and \"root\""),
        Arguments.of("4096", "4194305", "m:9: disks[0].blocks: 4194305 is not a whole number"),
        Arguments.of("\"data\"", "\"disk\"", "m:10: disks[1].device: \"disk\" is said twice"),
        Arguments.of("\"partition\": \"user\"", "\"partition\": {}", "m:3: partition: a single"),
        Arguments.of("}", "", "m:"));
  }

  @ParameterizedTest
  @MethodSource("mistakes")
  void mistakeIsRefusedWithItsPlaceAndReason(String from, String to, String refusal) {
    String text = new String(BYTES, StandardCharsets.UTF_8);
    assertThat(text).contains(from);
    String wrong = text.replaceFirst(java.util.regex.Pattern.quote(from), to);

    assertThat(refusalOf(wrong.getBytes(StandardCharsets.UTF_8)))
        .startsWith(refusal)
        .hasLineCount(1);
  }

  @Test
  void everyTruncatedOneIsRefused() {
    for (int length = 0; length < BYTES.length - 2; length++) {
      assertThat(refusalOf(Arrays.copyOf(BYTES, length))).as("%d bytes", length).isNotEmpty();
    }
  }

  @Test
  void hugeDeepAndGarbageAreRefused() throws Exception {
    Files.write(file, new byte[ManifestFile.MOST_BYTES + 1]);
    assertThatThrownBy(() -> ManifestFile.read(file))
        .isInstanceOf(ManifestException.class)
        .hasMessage(file + ": larger than 65,536 bytes");
    assertThat(refusalOf("[".repeat(60_000).getBytes(StandardCharsets.UTF_8))).startsWith("m:");
    assertThat(refusalOf("a: ".repeat(20_000).getBytes(StandardCharsets.UTF_8))).startsWith("m:");
    assertThat(refusalOf(new byte[] {(byte) 0xff, (byte) 0xfe})).isEqualTo("m: not UTF-8");
    assertThat(refusalOf(new byte[0])).startsWith("m:");
    Random random = new Random(5);
    for (int i = 0; i < 500; i++) {
      byte[] garbage = new byte[random.nextInt(500)];
      random.nextBytes(garbage);
      assertThat(refusalOf(garbage)).isNotEmpty();
    }
  }

  @Test
  void signatureIsOfEveryBit() throws Exception {
    byte[] signed = Files.readAllBytes(signature);
    for (int bit = 0; bit < signed.length * 8; bit++) {
      byte[] bad = signed.clone();
      bad[bit / 8] ^= (byte) (1 << bit % 8);
      assertThat(key().isSignature(bad, BYTES)).as("bit %d of the signature", bit).isFalse();
    }
    Random random = new Random(9);
    for (int i = 0; i < 300; i++) {
      byte[] bad = BYTES.clone();
      bad[random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
      Files.write(file, bad);
      assertThatThrownBy(() -> ManifestFile.readSigned(file, signature, key()))
          .isInstanceOf(ManifestException.class)
          .hasMessageContaining("is no signature of");
    }
  }

  @Test
  void signatureOfAnotherKeyDoesNotCount() throws Exception {
    SigningKey.generate(folder.resolve("two.key"), folder.resolve("two.pub"));
    VerifyingKey other = VerifyingKey.read(folder.resolve("two.pub"));

    assertThatThrownBy(() -> ManifestFile.readSigned(file, signature, other))
        .hasMessage(
            "%s is no signature of %s by the key %s"
                .formatted(signature, file, folder.resolve("two.pub")));
  }

  @Test
  void signatureThatIsMissingOrOfAnotherLengthIsSaid() throws Exception {
    Files.write(signature, new byte[63]);
    assertThatThrownBy(() -> ManifestFile.readSigned(file, signature, key()))
        .hasMessage(signature + ": a signature has 64 bytes, not 63");
    Files.write(signature, new byte[65]);
    assertThatThrownBy(() -> ManifestFile.readSigned(file, signature, key()))
        .hasMessage(signature + ": larger than 64 bytes");
    Files.delete(signature);
    assertThatThrownBy(() -> ManifestFile.readSigned(file, signature, key()))
        .hasMessage(signature + ": there is no such file");
  }

  @Test
  void keysAreNeverOverwrittenAndTheSecretOneIsItsOwners() throws Exception {
    assertThat(
            PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("one.key"))))
        .isEqualTo("rw-------");
    assertThatThrownBy(
            () -> SigningKey.generate(folder.resolve("one.key"), folder.resolve("x.pub")))
        .isInstanceOf(FileAlreadyExistsException.class);
    assertThat(folder.resolve("x.pub")).doesNotExist();
  }

  @Test
  void whatIsNoKeyIsSaid() throws Exception {
    Path wrong = Files.writeString(folder.resolve("wrong.pub"), "no key");
    assertThatThrownBy(() -> VerifyingKey.read(wrong))
        .isInstanceOf(ManifestException.class)
        .hasMessageStartingWith(wrong + ": no public Ed25519 key: it has no lines");
    Files.writeString(wrong, Pem.write("PUBLIC KEY", new byte[30]));
    assertThatThrownBy(() -> VerifyingKey.read(wrong)).isInstanceOf(ManifestException.class);
    assertThatThrownBy(() -> SigningKey.read(folder.resolve("one.pub")))
        .hasMessageStartingWith(folder.resolve("one.pub") + ": no secret Ed25519 key");
    assertThatThrownBy(() -> VerifyingKey.read(folder)).hasMessage(folder + ": not a file");
  }
}
