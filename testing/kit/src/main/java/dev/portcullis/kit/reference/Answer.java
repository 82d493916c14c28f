package dev.portcullis.kit.reference;

import dev.portcullis.kit.Outcome;
import dev.portcullis.kit.fault.FaultRecord;
import java.util.Optional;

/// What must become of a request.
///
/// @param outcome what the device sees
/// @param record what the fault log gets
public record Answer(Outcome outcome, Optional<FaultRecord> record) {
  static Answer at(long hpa) {
    return new Answer(Outcome.at(hpa), Optional.empty());
  }

  /// Refused, and nothing said.
  static Answer silence() {
    return new Answer(Outcome.REFUSED, Optional.empty());
  }

  static Answer fault(FaultRecord record) {
    return new Answer(Outcome.REFUSED, Optional.of(record));
  }
}
