package dev.portcullis.vmm.platform.boot;

import java.util.Map;

/// Whether a partition may begin.
///
/// @param reason for people, without the partition's name
/// @param data fields for the event that tells of it, see [dev.portcullis.vmm.event.Event#data]
public record BootDecision(Outcome outcome, String reason, Map<String, Object> data) {

  /// What there is to do.
  public enum Outcome {
    /// Begin: nobody has looked.
    UNCHECKED,
    /// Begin: it is as it should be.
    ADMITTED,
    /// Stay off.
    REFUSED
  }

  /// Nobody has looked.
  public static final BootDecision UNCHECKED =
      new BootDecision(Outcome.UNCHECKED, "not checked", Map.of());

  public BootDecision {
    data = Map.copyOf(data);
  }

  /// It is as it should be.
  public static BootDecision admitted(String reason, Map<String, Object> data) {
    return new BootDecision(Outcome.ADMITTED, reason, data);
  }

  /// It is not.
  public static BootDecision refused(String reason, Map<String, Object> data) {
    return new BootDecision(Outcome.REFUSED, reason, data);
  }

  public boolean isRefused() {
    return outcome == Outcome.REFUSED;
  }
}
