package dev.portcullis.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.vmm.audit.AuditLog;
import dev.portcullis.vmm.audit.AuditOptions;
import dev.portcullis.vmm.event.EventSource;
import dev.portcullis.vmm.event.EventType;
import dev.portcullis.vmm.event.Severity;
import dev.portcullis.vmm.event.Subject;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogCommandTest {
  private static final InstantSource CLOCK =
      InstantSource.fixed(Instant.parse("2026-01-31T12:00:00Z"));

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  @TempDir private Path folder;
  private Path log;
  private Path checkpoint;

  @BeforeEach
  void write() throws Exception {
    log = folder.resolve("audit.log");
    checkpoint = folder.resolve("checkpoint");
    EventSource source = new EventSource("/test", CLOCK);
    try (AuditLog audit =
        AuditLog.open(log, AuditOptions.DEFAULT.checkpointAt(checkpoint), CLOCK)) {
      for (int i = 0; i < 3; i++) {
        audit.accept(
            source.event(
                EventType.PLATFORM_STATE, Severity.NOTICE, Subject.PLATFORM, "on", Map.of()));
      }
      audit.flush();
    }
  }

  private int verify(Object... arguments) {
    String[] words = new String[arguments.length + 2];
    words[0] = "log";
    words[1] = "verify";
    for (int i = 0; i < arguments.length; i++) {
      words[i + 2] = arguments[i].toString();
    }
    return Main.commandLine(new PrintWriter(out, true), new PrintWriter(err, true)).execute(words);
  }

  @Test
  void aLogThatIsAsItWasWrittenIsToldInALine() throws Exception {
    assertThat(verify(log, "--checkpoint", checkpoint)).isZero();
    String head = Files.readString(log).replaceAll("(?s).*\"hash\":\"(\\w+)\"\\}\n", "$1");
    assertThat(out.toString())
        .isEqualTo(
            "%s: 4 records, 2026-01-31T12:00:00Z to 2026-01-31T12:00:00Z, head 3 %s%n"
                .formatted(log, head));
    assertThat(err.toString()).isEmpty();
  }

  @Test
  void aLogThatIsNotIsToldWithTheFirstPlace() throws Exception {
    Files.writeString(log, Files.readString(log).replaceFirst("notice", "debug!"));
    assertThat(verify(log)).isEqualTo(1);
    assertThat(out.toString())
        .isEqualTo(
            log + ":2: the record was changed: its hash does not hold" + System.lineSeparator());
  }

  @Test
  void anEndThatWasCutOffIsTold() throws Exception {
    List<String> lines = Files.readAllLines(log);
    Files.writeString(log, String.join("\n", lines.subList(0, 2)) + "\n");
    assertThat(verify(log)).isZero();
    assertThat(verify(log, "--checkpoint", checkpoint)).isEqualTo(1);
    assertThat(out.toString()).contains(log + ":2: the log ends with record 1");
  }

  @Test
  void whatCannotBeReadIsAMistake() {
    assertThat(verify(folder.resolve("none"))).isEqualTo(2);
    assertThat(verify(folder)).isEqualTo(2);
    assertThat(verify(log, "--checkpoint", log)).isEqualTo(2);
    assertThat(verify()).isEqualTo(2);
    assertThat(err.toString().lines())
        .containsExactly(
            "portcullis: " + folder.resolve("none") + ": there is no such file",
            "portcullis: " + folder + ": no file that can be read",
            "portcullis: cannot be read: " + log + " is no checkpoint",
            "portcullis: Missing required parameter: 'FILE' (see: portcullis log verify --help)");
  }
}
