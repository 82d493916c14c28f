package dev.portcullis.vmm.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.pci.RequesterId;
import dev.portcullis.vmm.audit.Verification.Verified;
import java.io.BufferedReader;
import java.io.File;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.json.JsonMapper;

@Timeout(180)
class AuditKillIT {
  private static final int RUNS = 3;

  @TempDir private Path folder;

  private static String classPath() throws ClassNotFoundException {
    return Stream.of(
            AuditWriter.class,
            AuditLog.class,
            RequesterId.class,
            JsonMapper.class,
            JsonFactory.class,
            Class.forName("com.fasterxml.jackson.annotation.JsonProperty"))
        .map(one -> one.getProtectionDomain().getCodeSource().getLocation().getPath())
        .distinct()
        .collect(Collectors.joining(File.pathSeparator));
  }

  @Test
  void aWriterThatIsKilledLosesNothingItHasAcknowledged() throws Exception {
    Path log = folder.resolve("audit.log");
    Path checkpoint = folder.resolve("checkpoint");
    for (int run = 1; run <= RUNS; run++) {
      long acknowledged = writeAndKill(log, checkpoint, 50 * run);
      try (AuditLog recovered =
          AuditLog.open(
              log, AuditOptions.DEFAULT.checkpointAt(checkpoint), InstantSource.system())) {
        assertThat(recovered.head().sequence()).isGreaterThanOrEqualTo(acknowledged);
      }
      Verification result = AuditLog.verify(log, Optional.of(checkpoint));
      assertThat(result).isInstanceOf(Verified.class);
      assertThat(((Verified) result).records()).isGreaterThan(acknowledged);
    }
  }

  /// Has another process write, and kills it in the midst of that.
  ///
  /// @return the last record it has said it has written
  private static long writeAndKill(Path log, Path checkpoint, int records) throws Exception {
    Process writer =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                classPath(),
                AuditWriter.class.getName(),
                log.toString(),
                checkpoint.toString())
            .redirectErrorStream(true)
            .start();
    String last = "";
    try (BufferedReader said = writer.inputReader()) {
      for (int i = 0; i < records; i++) {
        last = said.readLine();
        assertThat(last).as("what the writer says").matches("\\d+");
      }
      // Not the process itself: that would close what it has said.
      writer.toHandle().destroyForcibly();
      for (String line = said.readLine(); line != null; line = said.readLine()) {
        last = line.matches("\\d+") ? line : last;
      }
    }
    assertThat(writer.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(writer.exitValue()).as("SIGKILL").isEqualTo(137);
    return Long.parseLong(last);
  }
}
