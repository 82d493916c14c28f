package dev.portcullis.management.containment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.kit.VictimProcess;
import dev.portcullis.management.enforcement.AccessLevel;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Management is killed in the midst of changes, in each state.
@Timeout(180)
class ContainmentKillIT {
  @TempDir private Path folder;

  @Test
  void aPartitionStandsWhereItStoodWhenManagementWasKilled() throws Exception {
    int states = ContainmentWriter.STATES.size();
    for (int run = 0; run < states; run++) {
      Path state = folder.resolve("state" + run);
      int last = changeAndKill(state, 20 * states + run + 1);
      RecordingEnforcement enforcement = new RecordingEnforcement();

      ContainmentState now =
          ContainmentWriter.open(state, enforcement).of("user").orElseThrow().state();

      ContainmentState said = ContainmentWriter.STATES.get(last % states);
      ContainmentState next = ContainmentWriter.STATES.get((last + 1) % states);
      assertThat(now).as("what was said last, or what was being done").isIn(said, next);
      AccessLevel inForce = enforcement.level("user");
      assertThat(inForce).isEqualTo(now.access());
    }
  }

  /// Has another process change states, and kills it after so many.
  ///
  /// @return the last change it has said it has made
  private static int changeAndKill(Path state, int changes) throws Exception {
    try (VictimProcess writer = VictimProcess.start(ContainmentWriter.class, state.toString())) {
      int last = -1;
      for (int i = 0; i < changes; i++) {
        last = Integer.parseInt(writer.line());
      }
      return writer.kill().stream().mapToInt(Integer::parseInt).reduce(last, (_, next) -> next);
    }
  }
}
