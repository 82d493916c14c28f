package dev.portcullis.management.containment;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Which partitions are watched for an outbreak, by what signs, and how long each state may last.
///
/// @param newcomers whether partitions that come to the platform later are watched, too
/// @param limits how long a state may last, of each that must not last for ever
/// @param afterSuspicion where suspicion leads when its time is up: NORMAL or CONTAINED
public record ContainmentDescription(
    List<String> partitions,
    boolean newcomers,
    Map<ContainmentState, Duration> limits,
    ContainmentState afterSuspicion,
    List<Sign> signs) {
  public ContainmentDescription {
    partitions = List.copyOf(partitions);
    limits = Map.copyOf(limits);
    signs = List.copyOf(signs);
  }

  /// How long a state may last.
  public Optional<Duration> limit(ContainmentState state) {
    return Optional.ofNullable(limits.get(state));
  }

  /// A sign of an outbreak.
  ///
  /// @param on what is counted
  /// @param count so many of them
  /// @param within in a time that begins with the first of them
  /// @param then what to do: SUSPECT, CONTAIN or POWER_OFF
  public record Sign(Cause on, int count, Duration within, Trigger then) {}

  /// What can be counted.
  public enum Cause {
    /// Requests of its devices that the unit refused.
    FAULT,
    /// Pages that must not change, and did.
    INTEGRITY_VIOLATION,
    /// Writes to such pages that were refused.
    INTEGRITY_DENIED,
    /// Verdicts of access control against it.
    ACCESS,
    /// Different addresses and ports that it tries to reach by the services partition's bridge.
    SCAN,
    /// Frames that it sends by the services partition's bridge.
    RATE
  }
}
