package dev.portcullis.management.containment;

import dev.portcullis.management.state.StateStore;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;

/// Leads a partition round through all states until it is killed, and says after each change how
/// many there were.
final class ContainmentWriter {
  /// From NORMAL round to NORMAL.
  static final List<Trigger> ROUND =
      List.of(
          Trigger.SUSPECT,
          Trigger.CONTAIN,
          Trigger.REMEDIATE,
          Trigger.VERIFY,
          Trigger.POWER_OFF,
          Trigger.RELEASE,
          Trigger.RELEASE);

  static final List<ContainmentState> STATES =
      List.of(
          ContainmentState.SUSPECTED,
          ContainmentState.CONTAINED,
          ContainmentState.REMEDIATING,
          ContainmentState.VERIFIED,
          ContainmentState.POWERED_OFF,
          ContainmentState.CONTAINED,
          ContainmentState.NORMAL);

  private ContainmentWriter() {}

  static Containment open(Path folder, RecordingEnforcement enforcement) throws Exception {
    return new Containment(
        new ContainmentDescription(
            List.of("user"), false, Map.of(), ContainmentState.CONTAINED, List.of()),
        StateStore.open(folder),
        enforcement,
        new RecordingOutside(),
        InstantSource.system());
  }

  /// @param arguments the folder of the state
  public static void main(String[] arguments) throws Exception {
    Containment containment = open(Path.of(arguments[0]), new RecordingEnforcement());
    for (int i = 0; true; i++) {
      containment.apply("user", ROUND.get(i % ROUND.size()), "round " + i);
      System.out.println(i);
      System.out.flush();
    }
  }
}
