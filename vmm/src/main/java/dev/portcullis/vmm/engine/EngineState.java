package dev.portcullis.vmm.engine;

import dev.portcullis.vmm.event.PlainText;
import java.util.Locale;
import java.util.Optional;

/// How an engine is doing.
///
/// @param reason why, for people: always for FAILED and HALTED. A guest may have had a say in it:
///   it is one line, without what steers terminals, and not too long
public record EngineState(Phase phase, Optional<String> reason) {
  private static final int MOST_REASON_CHARACTERS = 1000;

  public EngineState {
    reason = reason.map(text -> PlainText.line(text, MOST_REASON_CHARACTERS));
  }

  /// Where an engine stands.
  public enum Phase {
    /// Not started, or switched off.
    OFF,
    /// The guest runs.
    RUNNING,
    /// The guest stands still, and can go on.
    PAUSED,
    /// The guest stands still for good: it panicked, or was halted.
    HALTED,
    /// The engine broke: it died, hung, or did not start.
    FAILED
  }

  /// Without a reason.
  public static EngineState of(Phase phase) {
    return new EngineState(phase, Optional.empty());
  }

  /// With a reason.
  public static EngineState of(Phase phase, String reason) {
    return new EngineState(phase, Optional.of(reason));
  }

  /// Whether it is in `wanted`.
  public boolean is(Phase wanted) {
    return phase == wanted;
  }

  @Override
  public String toString() {
    String name = phase.name().toLowerCase(Locale.ROOT);
    return reason.map(why -> name + ": " + why).orElse(name);
  }
}
