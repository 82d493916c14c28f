package dev.portcullis.vmm.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.kit.VictimProcess;
import dev.portcullis.vmm.audit.Verification.Verified;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(180)
class AuditKillIT {
  private static final int RUNS = 3;

  @TempDir private Path folder;

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
    try (VictimProcess writer =
        VictimProcess.start(AuditWriter.class, log.toString(), checkpoint.toString())) {
      long last = 0;
      for (int i = 0; i < records; i++) {
        last = Long.parseLong(writer.line());
      }
      return writer.kill().stream().mapToLong(Long::parseLong).reduce(last, (_, next) -> next);
    }
  }
}
