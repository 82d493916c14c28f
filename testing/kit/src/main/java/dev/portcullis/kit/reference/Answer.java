package dev.portcullis.kit.reference;

import dev.portcullis.kit.Outcome;
import dev.portcullis.kit.fault.FaultRecord;
import dev.portcullis.pci.Completion;
import java.util.Optional;

/// What must become of a request.
///
/// @param outcome what the device sees: a translation request's completion as a number in the place
///   of an address; of a page request, success means that it is queued
/// @param record what the fault log gets
/// @param flags what memory gets
public record Answer(Outcome outcome, Optional<FaultRecord> record, Flags flags) {
  static Answer of(Completion completion, Optional<FaultRecord> record, Flags flags) {
    return new Answer(new Outcome(completion, -1), record, flags);
  }

  static Answer at(long hpa, Flags flags) {
    return new Answer(Outcome.at(hpa), Optional.empty(), flags);
  }

  /// Refused, and nothing said.
  static Answer silence() {
    return new Answer(Outcome.REFUSED, Optional.empty(), new Flags());
  }

  @Override
  public String toString() {
    return "%s, %s, %s".formatted(outcome, record.map(Object::toString).orElse("no record"), flags);
  }
}
