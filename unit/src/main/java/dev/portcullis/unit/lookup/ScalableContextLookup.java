package dev.portcullis.unit.lookup;

import dev.portcullis.memory.MemoryMap;
import dev.portcullis.spec.fault.FaultReason;
import dev.portcullis.spec.register.Capabilities;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.spec.table.ScalableContextEntry;
import dev.portcullis.spec.table.ScalableRootEntry;
import dev.portcullis.unit.cache.Context;

/// Reads root and context entries of scalable mode.
///
/// @vtd 3.4.3 Scalable Mode Address Translation
public final class ScalableContextLookup {
  private final MemoryMap memory;
  private final long beyondHostAddress;
  private final long reservedLow;
  private final long reservedHigh;

  public ScalableContextLookup(MemoryMap memory, Capabilities capabilities) {
    this.memory = memory;
    this.beyondHostAddress = capabilities.beyondHostAddress();
    this.reservedLow =
        ScalableContextEntry.RESERVED_LOW
            | beyondHostAddress
            | unless(
                capabilities,
                Feature.PASID_IN_TRANSLATED_REQUESTS,
                ScalableContextEntry.EPTR.mask())
            | unless(capabilities, Feature.HOST_PERMISSION_TABLES, ScalableContextEntry.HPTE.mask())
            | unless(capabilities, Feature.PAGE_REQUESTS, ScalableContextEntry.PRE.mask())
            | unless(capabilities, Feature.PASID, ScalableContextEntry.PASIDE.mask())
            | unless(capabilities, Feature.DEVICE_TLBS, ScalableContextEntry.DTE.mask());
    this.reservedHigh =
        ScalableContextEntry.RESERVED_HIGH
            | unless(
                capabilities, Feature.REQUESTER_PRIVILEGE, ScalableContextEntry.RID_PRIV.mask())
            | unless(capabilities, Feature.REQUESTER_PASID, ScalableContextEntry.RID_PASID.mask());
  }

  private static long unless(Capabilities capabilities, Feature feature, long bits) {
    return capabilities.has(feature) ? 0 : bits;
  }

  /// Fetches the context of `sourceId` through the root table at `rootTable`.
  ///
  /// @return a [Context], of a requester to refuse if the entries are not in order; its PASID
  ///   directory is in `scratch`
  public long fetch(long rootTable, int sourceId, WalkScratch scratch) {
    if (!memory.fetch64(ScalableRootEntry.address(rootTable, sourceId), scratch.fetched)) {
      return refused(sourceId, FaultReason.SCALABLE_ROOT_FETCH_FAILED); // 3.1
    }
    ScalableRootEntry root = new ScalableRootEntry(scratch.fetched.lo);
    if (!root.isPresent()) {
      return refused(sourceId, FaultReason.SCALABLE_ROOT_NOT_PRESENT); // 3.2
    }
    if (root.hasReservedBits(beyondHostAddress)) {
      return refused(sourceId, FaultReason.SCALABLE_ROOT_RESERVED_BITS); // 3.3
    }
    long hpa = ScalableContextEntry.address(root.contextTable(), sourceId);
    if (!memory.fetch128(hpa + 16, scratch.fetched)) {
      return refused(sourceId, FaultReason.SCALABLE_CONTEXT_FETCH_FAILED); // 3.4
    }
    long upper = scratch.fetched.lo | scratch.fetched.hi;
    if (!memory.fetch128(hpa, scratch.fetched)) {
      return refused(sourceId, FaultReason.SCALABLE_CONTEXT_FETCH_FAILED); // 3.4
    }
    var entry = new ScalableContextEntry(scratch.fetched.lo, scratch.fetched.hi);
    scratch.table = entry.pasidDirectory();
    long context = check(sourceId, entry, upper);
    return entry.recordsFaults() ? context : Context.withoutRecording(context);
  }

  private long check(int sourceId, ScalableContextEntry entry, long upper) {
    if (!entry.isPresent()) {
      return refused(sourceId, FaultReason.SCALABLE_CONTEXT_NOT_PRESENT); // 3.5
    }
    if ((entry.lo() & reservedLow | entry.hi() & reservedHigh | upper) != 0) {
      return refused(sourceId, FaultReason.SCALABLE_CONTEXT_RESERVED_BITS); // 3.6
    }
    boolean pagesWithoutDeviceTlb =
        ScalableContextEntry.PRE.isSet(entry.lo()) && !ScalableContextEntry.DTE.isSet(entry.lo());
    if (pagesWithoutDeviceTlb || entry.requesterPasid() >= entry.pasids()) {
      return refused(sourceId, FaultReason.SCALABLE_CONTEXT_INVALID); // 3.7, 3.8
    }
    return Context.scalable(sourceId, entry);
  }

  private static long refused(int sourceId, FaultReason reason) {
    return Context.refused(sourceId, reason.code());
  }
}
