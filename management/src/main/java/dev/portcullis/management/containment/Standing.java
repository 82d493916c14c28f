package dev.portcullis.management.containment;

import dev.portcullis.management.state.StateException;
import dev.portcullis.vmm.event.PlainText;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// Where a partition stands, since when, and why.
///
/// @param reason for people, on one line
public record Standing(ContainmentState state, Instant since, String reason) {
  private static final int MOST_REASON_CHARACTERS = 500;

  public Standing {
    reason = PlainText.line(reason, MOST_REASON_CHARACTERS);
  }

  /// When its time is up.
  ///
  /// @param limit of its state; none if it may last
  Optional<Instant> until(Optional<Duration> limit) {
    return limit.map(since::plus);
  }

  /// As it is kept.
  String encode() {
    return state.word() + "\n" + since + "\n" + reason + "\n";
  }

  /// @throws StateException if that was not written here
  static Standing decode(String text) throws StateException {
    String[] lines = text.split("\n", -1);
    Optional<ContainmentState> state = ContainmentState.of(lines[0]);
    if (lines.length != 4 || state.isEmpty()) {
      throw new StateException("what is kept of its containment makes no sense");
    }
    try {
      return new Standing(state.get(), Instant.parse(lines[1]), lines[2]);
    } catch (DateTimeException e) {
      throw new StateException("what is kept of its containment makes no sense", e);
    }
  }
}
