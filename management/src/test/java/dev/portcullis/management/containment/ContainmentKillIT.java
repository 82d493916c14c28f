package dev.portcullis.management.containment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.management.enforcement.AccessLevel;
import dev.portcullis.vmm.event.PlainText;
import java.io.BufferedReader;
import java.io.File;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Management is killed in the midst of changes, in each state.
@Timeout(180)
class ContainmentKillIT {
  @TempDir private Path folder;

  private static String classPath() {
    return Stream.of(ContainmentWriter.class, Containment.class, PlainText.class)
        .map(one -> one.getProtectionDomain().getCodeSource().getLocation().getPath())
        .distinct()
        .collect(Collectors.joining(File.pathSeparator));
  }

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
    Process writer =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                classPath(),
                ContainmentWriter.class.getName(),
                state.toString())
            .redirectErrorStream(true)
            .start();
    String last = "";
    try (BufferedReader said = writer.inputReader()) {
      for (int i = 0; i < changes; i++) {
        last = said.readLine();
        assertThat(last).as("what the other process says").matches("\\d+");
      }
      // Not the process itself: that would close what it has said.
      writer.toHandle().destroyForcibly();
      for (String line = said.readLine(); line != null; line = said.readLine()) {
        last = line.matches("\\d+") ? line : last;
      }
    }
    assertThat(writer.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(writer.exitValue()).as("SIGKILL").isEqualTo(137);
    return Integer.parseInt(last);
  }
}
