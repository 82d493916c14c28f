package dev.portcullis.unit;

import dev.portcullis.spec.fault.FaultReason;
import dev.portcullis.unit.observe.InvalidationKind;
import java.util.Map;

/// What a unit has done since it was made.
///
/// @param requests requests that entered, see [dev.portcullis.unit.drain.InFlight]
/// @param walks requests that the IOTLB did not know and the page tables were walked for
/// @param pagingEntriesFetched paging entries read from memory
/// @param contextsFetched context entries read from memory
/// @param invalidations invalidations by kind; those that never happened are not in it
/// @param waits wait descriptors carried out
/// @param faults refusals by reason, recorded or not; those that never happened are not in it
/// @param messages interrupt messages of the unit itself
/// @param ats what was said to devices with address translation services
/// @param interrupts what came of interrupt requests
public record Statistics(
    long requests,
    long walks,
    long pagingEntriesFetched,
    long contextsFetched,
    Map<InvalidationKind, Long> invalidations,
    long waits,
    Map<FaultReason, Long> faults,
    long messages,
    Ats ats,
    Interrupts interrupts) {

  /// What was said to devices with address translation services.
  ///
  /// @param invalidations device-TLB invalidations sent
  /// @param timeOuts those no answer came to in time
  /// @param pageRequests page requests handed to software
  /// @param pageRequestsRefused page requests software never saw
  /// @param pageResponses answers to page requests, software's and the unit's own
  public record Ats(
      long invalidations,
      long timeOuts,
      long pageRequests,
      long pageRequestsRefused,
      long pageResponses) {}

  /// What came of interrupt requests; refusals are among the faults.
  ///
  /// @param passed those that passed as they were
  /// @param remapped those that an entry made another message
  /// @param posted those posted to a descriptor
  /// @param told those of them that software was told of
  /// @param lookups looks into the interrupt entry cache
  /// @param entriesFetched entries it did not have and that were read from memory
  public record Interrupts(
      long passed, long remapped, long posted, long told, long lookups, long entriesFetched) {

    /// Nothing.
    public static final Interrupts NONE = new Interrupts(0, 0, 0, 0, 0, 0);
  }

  public Statistics {
    invalidations = Map.copyOf(invalidations);
    faults = Map.copyOf(faults);
  }

  /// Number of invalidations of every kind.
  public long invalidationsInAll() {
    return sum(invalidations);
  }

  /// Number of refusals for every reason.
  public long faultsInAll() {
    return sum(faults);
  }

  private static long sum(Map<?, Long> counts) {
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }
}
