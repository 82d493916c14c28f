package dev.portcullis.vmm.fault;

import dev.portcullis.driver.fault.FaultRecord;
import dev.portcullis.pci.RequesterId;
import java.util.Optional;

/// What the monitor tells of faults.
public sealed interface FaultEvent {

  /// The unit has refused a request.
  ///
  /// @param function who made it
  /// @param partition the name of the one it belonged to, if it belonged to any
  record Refused(FaultRecord record, RequesterId function, Optional<String> partition)
      implements FaultEvent {
    @Override
    public String toString() {
      return "function %s%s: %s".formatted(function, of(partition), record);
    }
  }

  /// The unit has refused more requests of a function than are told one by one.
  ///
  /// @param count how many more, since the last event of this function
  record Withheld(RequesterId function, Optional<String> partition, long count)
      implements FaultEvent {
    @Override
    public String toString() {
      return "function %s%s: %,d more refused".formatted(function, of(partition), count);
    }
  }

  /// The unit has refused requests that it had no record left for. Nobody knows whose, or how many.
  record Lost() implements FaultEvent {
    @Override
    public String toString() {
      return "refused requests were lost";
    }
  }

  private static String of(Optional<String> partition) {
    return partition.map(name -> " of partition " + name).orElse("");
  }
}
