package dev.portcullis.vmm.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.vmm.audit.Verification.Broken;
import dev.portcullis.vmm.audit.Verification.Verified;
import dev.portcullis.vmm.event.EventSource;
import dev.portcullis.vmm.event.SampleEvents;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class AuditLogTest {
  private static final long SEED = 20260131;
  private static final InstantSource CLOCK = InstantSource.fixed(SampleEvents.NOW);
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final EventSource source = SampleEvents.source();
  @TempDir private Path folder;
  private Path log;
  private Path checkpoint;

  @BeforeEach
  void name() {
    log = folder.resolve("audit.log");
    checkpoint = folder.resolve("checkpoint");
  }

  private void write(AuditOptions options, int events) throws IOException {
    try (AuditLog audit = AuditLog.open(log, options, CLOCK)) {
      for (int i = 0; i < events; i++) {
        audit.accept(SampleEvents.refused(source));
      }
      audit.flush();
    }
  }

  private void write(int events) throws IOException {
    write(AuditOptions.DEFAULT.checkpointAt(checkpoint), events);
  }

  private Verified verified() throws IOException {
    Verification result = AuditLog.verify(log, Optional.of(checkpoint));
    assertThat(result).isInstanceOf(Verified.class);
    return (Verified) result;
  }

  private Broken broken(Optional<Path> checkpoint) throws IOException {
    Verification result = AuditLog.verify(log, checkpoint);
    assertThat(result).isInstanceOf(Broken.class);
    return (Broken) result;
  }

  private List<String> lines() throws IOException {
    return new ArrayList<>(Files.readAllLines(log));
  }

  private void replace(List<String> lines) throws IOException {
    Files.writeString(log, String.join("\n", lines) + "\n");
  }

  @Test
  void aLogBeginsWithGenesisAndHoldsTogether() throws Exception {
    write(3);
    List<JsonNode> records = lines().stream().map(JSON::readTree).toList();
    assertThat(records)
        .extracting(record -> record.get("kind").asString())
        .containsExactly("genesis", "event", "event", "event");
    for (int i = 1; i < records.size(); i++) {
      assertThat(records.get(i).get("seq").asInt()).isEqualTo(i);
      assertThat(records.get(i).get("prev")).isEqualTo(records.get(i - 1).get("hash"));
    }
    assertThat(records.get(1).at("/event/type").asString())
        .isEqualTo("dev.portcullis.fault.refused");
    Verified whole = verified();
    assertThat(whole.records()).isEqualTo(4);
    assertThat(whole.first()).isEqualTo(SampleEvents.NOW);
    assertThat(whole.head().hash()).isEqualTo(records.get(3).get("hash").asString());
    assertThat(Files.getPosixFilePermissions(log))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
  }

  @Test
  void theHashIsThatOfTheLineWithoutIt() throws Exception {
    write(1);
    String line = lines().get(1);
    int at = line.indexOf(",\"hash\":\"");
    byte[] hashed = (line.substring(0, at) + "}").getBytes(StandardCharsets.UTF_8);
    assertThat(line.substring(at)).isEqualTo(",\"hash\":\"" + AuditLine.sha256(hashed) + "\"}");
  }

  @Test
  void aLogGoesOnWhereItEnded() throws Exception {
    write(2);
    write(2);
    assertThat(verified().records()).isEqualTo(5);
  }

  @Test
  void anyBitThatFlipsIsNoticed() throws Exception {
    write(2);
    byte[] whole = Files.readAllBytes(log);
    Random random = new Random(SEED);
    for (int i = 0; i < whole.length; i++) {
      byte[] flipped = whole.clone();
      flipped[i] ^= (byte) (1 << random.nextInt(8));
      Files.write(log, flipped);
      Broken place = broken(Optional.empty());
      int line = 1;
      for (int j = 0; j < i; j++) {
        line += whole[j] == '\n' ? 1 : 0;
      }
      assertThat(place.line()).as("byte %d: %s", i, place).isEqualTo(line);
    }
  }

  @Test
  void anyLineThatIsMissingOrElsewhereIsNoticed() throws Exception {
    write(6);
    List<String> whole = lines();
    for (int i = 0; i < whole.size() - 1; i++) {
      List<String> without = new ArrayList<>(whole);
      without.remove(i);
      replace(without);
      assertThat(broken(Optional.empty()).line()).isEqualTo(i + 1);

      List<String> swapped = new ArrayList<>(whole);
      Collections.swap(swapped, i, i + 1);
      replace(swapped);
      assertThat(broken(Optional.empty()).line()).isEqualTo(i + 1);

      List<String> twice = new ArrayList<>(whole);
      twice.add(i, whole.get(i));
      replace(twice);
      assertThat(broken(Optional.empty()).line()).isEqualTo(i + 2);
    }
  }

  @Test
  void anEndThatWasCutOffIsNoticedByTheCheckpoint() throws Exception {
    write(6);
    List<String> whole = lines();
    for (int left = 1; left < whole.size(); left++) {
      replace(whole.subList(0, left));
      assertThat(AuditLog.verify(log, Optional.empty())).isInstanceOf(Verified.class);
      Broken place = broken(Optional.of(checkpoint));
      assertThat(place.toString())
          .isEqualTo(
              "%s:%d: the log ends with record %d, the checkpoint knows record 6: its end was cut off"
                  .formatted(log, left, left - 1));
      assertThatThrownBy(() -> write(1)).as("and not gone on with").hasMessageContaining("cut off");
    }
    Files.delete(log);
    assertThatThrownBy(() -> write(1)).hasMessageContaining("is not the one");
    Files.writeString(log, "");
    assertThat(broken(Optional.empty()).what()).isEqualTo("the file is empty");
  }

  @Test
  void aLogThatWasWrittenAnewIsNotTheOneTheCheckpointKnows() throws Exception {
    write(3);
    Files.delete(log);
    write(AuditOptions.DEFAULT, 3);
    assertThat(broken(Optional.of(checkpoint)).what()).contains("the checkpoint is of log");
    assertThatThrownBy(() -> write(1)).hasMessageContaining("is not the one");
  }

  @Test
  void aCheckpointThatIsOlderThanTheLogFits() throws Exception {
    write(3);
    write(AuditOptions.DEFAULT, 3);
    assertThat(verified().records()).isEqualTo(7);
    write(1);
    assertThat(verified().records()).isEqualTo(8);
  }

  @Test
  void aLastLineThatWasNotWrittenToItsEndIsCutOffAndReported() throws Exception {
    write(SMALL_FILES, 2);
    byte[] whole = Files.readAllBytes(log);
    int lastLine =
        new String(whole, StandardCharsets.UTF_8).lastIndexOf('\n', whole.length - 2) + 1;
    for (int end = lastLine + 1; end < whole.length; end++) {
      byte[] torn = Arrays.copyOf(whole, end);
      Files.write(log, torn);
      assertThat(broken(Optional.empty()).toString())
          .isEqualTo(
              "%s:3: the line has no end: %d bytes of a record".formatted(log, end - lastLine));
      write(SMALL_FILES, 1);
      assertThat(AuditLog.verify(log, Optional.empty()))
          .isInstanceOfSatisfying(Verified.class, it -> assertThat(it.records()).isEqualTo(4));
      JsonNode report = JSON.readTree(lines().get(2));
      assertThat(report.get("kind").asString()).isEqualTo("recovered");
      assertThat(report.get("bytes").asInt()).isEqualTo(end - lastLine);
      assertThat(report.get("sha256").asString())
          .isEqualTo(AuditLine.sha256(Arrays.copyOfRange(torn, lastLine, end)));
    }
  }

  @Test
  void aFirstLineThatWasNotWrittenToItsEndBeginsTheLogAnew() throws Exception {
    Files.writeString(log, "{\"seq\":0,\"ti");
    write(1);
    assertThat(verified().records()).as("genesis, recovered, event").isEqualTo(3);
  }

  @Test
  void whatIsNotAsItWasWrittenIsNotGoneOnWith() throws Exception {
    write(3);
    List<String> lines = lines();
    lines.set(2, lines.get(2).replace("user", "root"));
    replace(lines);
    String before = Files.readString(log);
    assertThatThrownBy(() -> write(1)).hasMessageContaining("audit.log:3: the record was changed");
    assertThat(Files.readString(log)).isEqualTo(before);
  }

  @Test
  void onlyOneWrites() throws Exception {
    try (AuditLog audit = AuditLog.open(log, AuditOptions.DEFAULT, CLOCK)) {
      assertThatThrownBy(() -> write(1)).hasMessageContaining("somebody else is writing");
      audit.accept(SampleEvents.refused(source));
    }
    write(1);
    assertThat(verified().records()).isEqualTo(3);
  }

  @Test
  void anEventThatComesAgainIsWrittenOnce() throws Exception {
    AuditOptions options = new AuditOptions(Durability.EACH_RECORD, 4096, Optional.of(checkpoint));
    var event = SampleEvents.refused(source);
    try (AuditLog audit = AuditLog.open(log, options, CLOCK)) {
      Files.delete(checkpoint);
      Files.createDirectories(checkpoint.resolve("in the way"));
      assertThatThrownBy(() -> audit.accept(event)).isInstanceOf(IOException.class);
      Files.delete(checkpoint.resolve("in the way"));
      Files.delete(checkpoint);
      audit.accept(event);
    }
    assertThat(verified().records()).isEqualTo(2);
  }

  private static final AuditOptions SMALL_FILES =
      new AuditOptions(Durability.SYSTEM, 4096, Optional.empty());

  private List<Path> writeSeveralFiles() throws IOException {
    AuditOptions options = new AuditOptions(Durability.SYSTEM, 4096, Optional.of(checkpoint));
    write(options, 20);
    write(options, 20);
    List<Path> files = LogFiles.upTo(log);
    assertThat(files).hasSizeGreaterThan(4);
    return files;
  }

  @Test
  void theChainGoesOnFromFileToFile() throws Exception {
    List<Path> files = writeSeveralFiles();
    Verified whole = verified();
    assertThat(whole.files()).isEqualTo(files.size());
    assertThat(whole.records()).isEqualTo(40 + files.size());
    assertThat(whole.head().sequence()).isEqualTo(whole.records() - 1);
    assertThat(AuditLog.verify(files.get(2), Optional.empty()))
        .as("an older file, with those before it")
        .isInstanceOfSatisfying(Verified.class, it -> assertThat(it.files()).isEqualTo(3));
    try (AuditLog audit = AuditLog.open(log, SMALL_FILES, CLOCK)) {
      assertThat(audit.head()).isEqualTo(whole.head());
    }
  }

  @Test
  void aFileThatIsMissingIsNoticed() throws Exception {
    List<Path> files = writeSeveralFiles();
    Path aside = folder.resolve("aside");
    for (int i = 0; i < files.size() - 1; i++) {
      Files.move(files.get(i), aside);
      Broken place = broken(Optional.empty());
      assertThat(place.file()).isEqualTo(files.get(i + 1));
      assertThat(place.line()).isEqualTo(1);
      Files.move(aside, files.get(i));
    }
    Files.copy(files.get(0), files.get(1), StandardCopyOption.REPLACE_EXISTING);
    assertThat(broken(Optional.empty()).toString())
        .isEqualTo(files.get(1) + ":1: another log begins here");
  }

  @Test
  void whoDiedBetweenTwoFilesGoesOn() throws Exception {
    List<Path> files = writeSeveralFiles();
    Files.move(log, LogFiles.nextFull(log));
    write(SMALL_FILES, 1);
    assertThat(verified().files()).isEqualTo(files.size() + 1);
    Files.move(log, LogFiles.nextFull(log));
    Files.writeString(log, "{\"se");
    write(SMALL_FILES, 1);
    assertThat(verified().files()).isEqualTo(files.size() + 2);
  }

  @Test
  void whatIsNoLogIsSaidToBeNone() throws Exception {
    for (String text :
        List.of(
            "\n", "{}\n", "x".repeat(2 << 20) + "\n", "\0".repeat(100), "[".repeat(9999) + "\n")) {
      Files.writeString(log, text);
      assertThat(broken(Optional.empty()).line()).isEqualTo(1);
    }
    assertThatThrownBy(() -> AuditLog.verify(folder.resolve("none"), Optional.empty()))
        .isInstanceOf(IOException.class);
    Files.writeString(checkpoint, "{}");
    assertThatThrownBy(() -> AuditLog.verify(log, Optional.of(checkpoint)))
        .hasMessageContaining("is no checkpoint");
  }
}
