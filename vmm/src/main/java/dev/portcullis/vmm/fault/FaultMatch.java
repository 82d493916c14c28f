package dev.portcullis.vmm.fault;

import dev.portcullis.driver.fault.FaultRecord;
import dev.portcullis.driver.fault.FaultRecord.RequestType;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.spec.fault.FaultReason;
import dev.portcullis.vmm.event.Severity;
import dev.portcullis.vmm.fault.FaultEvent.Refused;
import java.util.Set;

/// Which faults a rule is for: those that all of its parts fit. An empty set fits every fault.
///
/// @param atLeast how bad, by its class
/// @param functions who made the request
/// @param partitions names: whose function it was
/// @param reasons as the unit gave them
/// @param classes of reasons
/// @param types what a request for memory wanted; no interrupt fits
public record FaultMatch(
    Severity atLeast,
    Set<RequesterId> functions,
    Set<String> partitions,
    Set<FaultReason> reasons,
    Set<FaultClass> classes,
    Set<RequestType> types) {
  /// Every fault.
  public static final FaultMatch ANY =
      new FaultMatch(Severity.DEBUG, Set.of(), Set.of(), Set.of(), Set.of(), Set.of());

  public FaultMatch {
    functions = Set.copyOf(functions);
    partitions = Set.copyOf(partitions);
    reasons = Set.copyOf(reasons);
    classes = Set.copyOf(classes);
    types = Set.copyOf(types);
  }

  /// The same, but only for faults that are as bad, or worse.
  public FaultMatch atLeast(Severity severity) {
    return new FaultMatch(severity, functions, partitions, reasons, classes, types);
  }

  /// The same, but only for requests of `these`.
  public FaultMatch functions(Set<RequesterId> these) {
    return new FaultMatch(atLeast, these, partitions, reasons, classes, types);
  }

  /// The same, but only for functions of `these`.
  public FaultMatch partitions(Set<String> these) {
    return new FaultMatch(atLeast, functions, these, reasons, classes, types);
  }

  /// The same, but only for `these`.
  public FaultMatch reasons(Set<FaultReason> these) {
    return new FaultMatch(atLeast, functions, partitions, these, classes, types);
  }

  /// The same, but only for `these`.
  public FaultMatch classes(Set<FaultClass> these) {
    return new FaultMatch(atLeast, functions, partitions, reasons, these, types);
  }

  /// The same, but only for `these`.
  public FaultMatch types(Set<RequestType> these) {
    return new FaultMatch(atLeast, functions, partitions, reasons, classes, these);
  }

  boolean fits(Refused fault) {
    FaultRecord record = fault.record();
    FaultClass of = FaultClass.of(record);
    return of.severity().isAtLeast(atLeast)
        && fits(functions, fault.function())
        && (partitions.isEmpty() || fault.partition().filter(partitions::contains).isPresent())
        && (reasons.isEmpty() || record.reason().filter(reasons::contains).isPresent())
        && fits(classes, of)
        && (types.isEmpty() || !record.isInterrupt() && types.contains(record.type()));
  }

  private static <T> boolean fits(Set<T> wanted, T found) {
    return wanted.isEmpty() || wanted.contains(found);
  }
}
