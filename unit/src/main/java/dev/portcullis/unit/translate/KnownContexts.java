package dev.portcullis.unit.translate;

import dev.portcullis.spec.fault.FaultReason;
import dev.portcullis.unit.cache.Context;
import dev.portcullis.unit.cache.ContextCache;
import dev.portcullis.unit.lookup.Tally;
import dev.portcullis.unit.lookup.WalkScratch;

/// Contexts of requesters: from the cache, or from the tables of one mode by way of the cache.
///
/// @vtd 6.2.3 Context-cache
final class KnownContexts {

  /// What reads the tables of a mode.
  interface Tables {
    /// The [Context] of `sourceId` below `rootTable`; what it leads to is in `scratch`.
    long fetch(long rootTable, int sourceId, WalkScratch scratch);
  }

  private final ContextCache cache;
  private final Tables tables;
  private final int readsToFetch;
  private final boolean cachingMode;

  /// @param readsToFetch how often memory is read for a context, for the counters
  /// @param cachingMode whether entries that are not in order are cached, too
  KnownContexts(ContextCache cache, Tables tables, int readsToFetch, boolean cachingMode) {
    this.cache = cache;
    this.tables = tables;
    this.readsToFetch = readsToFetch;
    this.cachingMode = cachingMode;
  }

  /// The [Context] of the requester; the table it leads to is in the scratch of `walker`.
  long of(Regime now, Walker walker) {
    Tally tally = walker.scratch.tally;
    tally.contextLookups++;
    long context = cache.lookup(walker.sourceId);
    if (context != Context.NONE) {
      walker.scratch.table = cache.tables(walker.sourceId, context);
      if (walker.scratch.table != ContextCache.GONE) {
        tally.contextHits++;
        return context;
      }
    }
    return fetch(now, walker);
  }

  private long fetch(Regime now, Walker walker) {
    walker.contexts++;
    walker.scratch.tally.memoryReads += readsToFetch;
    long context = tables.fetch(now.root.table(), walker.sourceId, walker.scratch);
    if (!Context.isRefused(context) || cachingMode && isOwnFault(context)) {
      cache.fill(walker.sourceId, context, walker.scratch.table, walker.epoch);
    }
    return context;
  }

  /// Whether the context entry itself is at fault: the one kind of refusal that may be cached.
  private static boolean isOwnFault(long context) {
    return switch (FaultReason.of(Context.reasonCode(context)).orElseThrow()) {
      case CONTEXT_NOT_PRESENT,
          CONTEXT_RESERVED_BITS,
          CONTEXT_INVALID,
          SCALABLE_CONTEXT_NOT_PRESENT,
          SCALABLE_CONTEXT_RESERVED_BITS,
          SCALABLE_CONTEXT_INVALID ->
          true;
      default -> false;
    };
  }
}
