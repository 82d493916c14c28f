package dev.portcullis.unit.lookup;

import dev.portcullis.memory.MemoryMap;
import dev.portcullis.spec.fault.FaultReason;
import dev.portcullis.spec.register.Capabilities;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.spec.table.ContextEntry;
import dev.portcullis.spec.table.RootEntry;
import dev.portcullis.unit.cache.Context;

/// Reads root and context entries of legacy mode.
///
/// @vtd 3.4.2 Legacy Mode Address Translation
public final class ContextLookup {
  private final MemoryMap memory;
  private final Capabilities capabilities;
  private final long beyondHostAddress;
  private final int domainIdBits;
  private final boolean passThrough;
  private final boolean deviceTlbs;

  public ContextLookup(MemoryMap memory, Capabilities capabilities) {
    this.memory = memory;
    this.capabilities = capabilities;
    this.beyondHostAddress = capabilities.beyondHostAddress();
    this.domainIdBits = capabilities.capability().domainIdBits();
    this.passThrough = capabilities.has(Feature.PASS_THROUGH);
    this.deviceTlbs = capabilities.has(Feature.DEVICE_TLBS);
  }

  /// Fetches the context of `sourceId` through the root table at `rootTable`.
  ///
  /// @return a [Context], of a requester to refuse if the entries are not in order; its tables are
  ///   in `scratch`
  public long fetch(long rootTable, int sourceId, WalkScratch scratch) {
    if (!memory.fetch128(RootEntry.address(rootTable, sourceId), scratch.fetched)) {
      return refused(sourceId, FaultReason.ROOT_FETCH_FAILED); // 2.1
    }
    RootEntry root = new RootEntry(scratch.fetched.lo, scratch.fetched.hi);
    if (!root.isPresent()) {
      return refused(sourceId, FaultReason.ROOT_NOT_PRESENT); // 2.2
    }
    if (root.hasReservedBits(beyondHostAddress)) {
      return refused(sourceId, FaultReason.ROOT_RESERVED_BITS); // 2.3
    }
    long entry = ContextEntry.address(root.contextTable(), sourceId);
    if (!memory.fetch128(entry, scratch.fetched)) {
      return refused(sourceId, FaultReason.CONTEXT_FETCH_FAILED); // 2.4
    }
    return check(sourceId, new ContextEntry(scratch.fetched.lo, scratch.fetched.hi), scratch);
  }

  private long check(int sourceId, ContextEntry entry, WalkScratch scratch) {
    scratch.table = entry.secondStageTables();
    long context;
    if (!entry.isPresent()) {
      context = refused(sourceId, FaultReason.CONTEXT_NOT_PRESENT); // 2.5
    } else if (entry.hasReservedBits(beyondHostAddress, domainIdBits)) {
      context = refused(sourceId, FaultReason.CONTEXT_RESERVED_BITS); // 2.6
    } else if (!capabilities.capability().supportsLevels(entry.levels())) {
      context = refused(sourceId, FaultReason.CONTEXT_INVALID); // 2.7
    } else {
      context = byTranslationType(sourceId, entry); // 2.8
    }
    return entry.recordsFaults() ? context : Context.withoutRecording(context);
  }

  private long byTranslationType(int sourceId, ContextEntry entry) {
    int domain = entry.domainId();
    return switch (entry.translationType()) {
      case ContextEntry.TT_SECOND_STAGE -> Context.secondStage(sourceId, domain, entry.levels());
      case ContextEntry.TT_DEVICE_TLB ->
          deviceTlbs
              ? Context.withDeviceTlb(Context.secondStage(sourceId, domain, entry.levels()))
              : refused(sourceId, FaultReason.CONTEXT_INVALID);
      case ContextEntry.TT_PASS_THROUGH ->
          passThrough
              ? Context.passThrough(sourceId, domain)
              : refused(sourceId, FaultReason.CONTEXT_INVALID);
      default -> refused(sourceId, FaultReason.CONTEXT_INVALID);
    };
  }

  private static long refused(int sourceId, FaultReason reason) {
    return Context.refused(sourceId, reason.code());
  }
}
