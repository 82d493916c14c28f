package dev.portcullis.unit.translate;

import dev.portcullis.memory.MemoryMap;
import dev.portcullis.spec.fault.FaultReason;
import dev.portcullis.spec.register.Capabilities;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.spec.register.TableMode;
import dev.portcullis.spec.table.SecondStageEntry;
import dev.portcullis.unit.cache.Context;
import dev.portcullis.unit.cache.ContextCache;
import dev.portcullis.unit.cache.Iotlb;
import dev.portcullis.unit.cache.Translation;
import dev.portcullis.unit.cache.TranslationCaches;
import dev.portcullis.unit.drain.InFlight;
import dev.portcullis.unit.lookup.ContextLookup;
import dev.portcullis.unit.lookup.WalkScratch;
import dev.portcullis.unit.observe.Observers;
import dev.portcullis.unit.observe.UnitEvent;
import dev.portcullis.unit.paging.SecondStageWalk;
import dev.portcullis.unit.policy.Bit62;
import dev.portcullis.unit.protect.ProtectedRegions;
import dev.portcullis.unit.request.Blocked;
import dev.portcullis.unit.request.Request;
import dev.portcullis.unit.request.Rights;
import dev.portcullis.unit.translate.Refusals.Recording;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// Takes a request from its requester to a host physical address, or refuses it.
///
/// The checks come in the order of their numbers: 0 before the tables, 1 the mode, 2 legacy mode.
///
/// @vtd 3.4 DMA Remapping
public final class Translator {
  /// Bits of an address that second-stage tables can translate at most.
  private static final int WIDEST_ADDRESS_BITS = 57;

  /// What the direct way has found out before it gave up.
  private enum Known {
    NOTHING,
    /// The IOTLB does not have the page.
    MISSING
  }

  private final TranslationCaches caches;
  private final ContextCache contexts;
  private final Iotlb iotlb;
  private final ContextLookup lookup;
  private final SecondStageWalk walk;
  private final Refusals refusals;
  private final InFlight inFlight;
  private final Observers observers;
  private final Walkers walkers = new Walkers();
  private final int hostAddressBits;
  private final int guestAddressBits;
  private final boolean cachingMode;
  private volatile Regime regime = Regime.POWER_ON;

  public Translator(
      MemoryMap memory,
      Capabilities capabilities,
      TranslationCaches caches,
      Refusals refusals,
      Surroundings surroundings,
      Bit62 bit62) {
    this.caches = caches;
    this.contexts = caches.contexts();
    this.iotlb = caches.iotlb();
    this.lookup = new ContextLookup(memory, capabilities);
    this.walk = new SecondStageWalk(memory, caches.structures(), capabilities, bit62);
    this.refusals = refusals;
    this.inFlight = surroundings.inFlight();
    this.observers = surroundings.observers();
    this.hostAddressBits = capabilities.hostAddressBits();
    this.guestAddressBits = capabilities.capability().guestAddressBits();
    this.cachingMode = capabilities.has(Feature.CACHING_MODE);
  }

  /// Who counts requests, and who watches them.
  public record Surroundings(InFlight inFlight, Observers observers) {}

  /// Where `request` of `sourceId` for `iova` goes: a host physical address, or a code of
  /// [Blocked].
  public long translate(int sourceId, long iova, Request request) {
    Regime now = regime;
    Known known = Known.NOTHING;
    if (now.direct && iova >>> WIDEST_ADDRESS_BITS == 0) {
      long context = contexts.lookup(sourceId);
      if (Context.isSecondStage(context)) {
        long translation = iotlb.lookup(Context.domainId(context), iova);
        if (Translation.grants(translation, request.cachedRights())) {
          return Translation.output(translation, iova);
        }
        known = translation == Iotlb.MISS ? Known.MISSING : Known.NOTHING;
      } else if (Context.isPassThrough(context) && isHostAddress(iova)) {
        return iova;
      }
    }
    return translateSlowly(now, sourceId, iova, request, known);
  }

  private long translateSlowly(Regime now, int sourceId, long iova, Request request, Known known) {
    long result;
    if (InterruptRange.contains(iova)) {
      result = inInterruptRange(now, sourceId, iova, request);
    } else if (now.translating) {
      result = throughTables(now, sourceId, iova, request, known);
    } else {
      result = iova < 0 ? Blocked.SILENTLY : iova; // 0.10
    }
    if (result >= 0 && now.protection != null && now.protection.cover(result)) {
      result = Blocked.SILENTLY; // 0.1
    }
    if (now.observed) {
      observe(sourceId, iova, request, result);
    }
    return result;
  }

  private void observe(int sourceId, long iova, Request request, long result) {
    observers.tell(
        result >= 0
            ? new UnitEvent.Translated(sourceId, iova, request, result)
            : new UnitEvent.Refused(sourceId, iova, request, Blocked.reason(result)));
  }

  /// A doubleword write here is an interrupt and does not come this way.
  private long inInterruptRange(Regime now, int sourceId, long iova, Request request) {
    if (request == Request.ZERO_LENGTH_READ) {
      return iova; // 0.7
    }
    if (!now.translating) {
      return Blocked.SILENTLY;
    }
    return refusals.refuseInterrupt(FaultReason.NOT_AN_INTERRUPT, sourceId); // 0.8
  }

  private long throughTables(Regime now, int sourceId, long iova, Request request, Known known) {
    Walker walker = walkers.claim().on(sourceId, iova, request);
    try {
      walker.epoch = caches.epoch().current();
      if (now.tableMode != Regime.LEGACY) {
        return refuse(FaultReason.TABLE_MODE_INVALID, Context.NONE, walker); // 1.1
      }
      return inContext(context(now, walker), walker, known);
    } finally {
      walker.release();
    }
  }

  private long context(Regime now, Walker walker) {
    long context = contexts.lookup(walker.sourceId);
    if (context != Context.NONE) {
      walker.scratch.table = contexts.tables(walker.sourceId, context);
      if (walker.scratch.table != ContextCache.GONE) {
        return context;
      }
    }
    walker.contexts++;
    context = lookup.fetch(now.rootTable, walker.sourceId, walker.scratch);
    if (!Context.isRefused(context) || cachingMode && isOwnFault(context)) {
      contexts.fill(walker.sourceId, context, walker.scratch.table, walker.epoch);
    }
    return context;
  }

  /// Whether the context entry itself is at fault: the one kind of refusal that may be cached.
  private static boolean isOwnFault(long context) {
    int code = Context.reasonCode(context);
    return code == FaultReason.CONTEXT_NOT_PRESENT.code()
        || code == FaultReason.CONTEXT_RESERVED_BITS.code()
        || code == FaultReason.CONTEXT_INVALID.code();
  }

  private long inContext(long context, Walker walker, Known known) {
    if (Context.isRefused(context)) {
      return refuse(reason(Context.reasonCode(context)), context, walker);
    }
    if (Context.isPassThrough(context)) {
      // The output is the input, and not in the interrupt range: 0.6 to 0.8 have seen to that.
      return walker.iova >>> hostAddressBits == 0
          ? walker.iova
          : refuse(FaultReason.ADDRESS_BEYOND_WIDTH, context, walker);
    }
    int levels = Context.levels(context);
    int addressBits = Math.min(guestAddressBits, SecondStageEntry.shift(levels + 1));
    if (walker.iova >>> addressBits != 0) {
      return refuse(FaultReason.ADDRESS_BEYOND_WIDTH, context, walker); // 2.12
    }
    int domain = Context.domainId(context);
    long translation = known == Known.MISSING ? Iotlb.MISS : iotlb.lookup(domain, walker.iova);
    if (translation != Iotlb.MISS) {
      FaultReason reason = refusal(translation, walker.request());
      return reason == null
          ? Translation.output(translation, walker.iova)
          : refuse(reason, context, walker);
    }
    return walk(context, domain, levels, walker);
  }

  private long walk(long context, int domain, int levels, Walker walker) {
    WalkScratch scratch = walker.scratch;
    walker.walks++;
    long translation = walk.walk(domain, walker.iova, levels, scratch, walker.epoch);
    FaultReason reason = refusal(translation, walker.request());
    if (reason == null || cachingMode && reason != FaultReason.OUTPUT_IN_INTERRUPT_RANGE) {
      // A page that shares its large page with the interrupt range is remembered alone.
      int level = InterruptRange.shares(walker.iova, translation, scratch.leafLevel);
      iotlb.fill(domain, walker.iova, level, translation, walker.epoch);
    }
    return reason == null
        ? Translation.output(translation, walker.iova)
        : refuse(reason, context, walker);
  }

  /// Why `request` may not use `translation`, or null.
  private static FaultReason refusal(long translation, Request request) {
    if (Translation.isFault(translation)) {
      return reason(Translation.reasonCode(translation));
    }
    if (!Translation.grants(translation, request.cachedRights())) {
      boolean noWrite = (request.rights() & Rights.WRITE & ~translation) != 0;
      return noWrite ? FaultReason.WRITE_NOT_PERMITTED : FaultReason.READ_NOT_PERMITTED; // 2.17
    }
    return InterruptRange.contains(Translation.page(translation))
        ? FaultReason.OUTPUT_IN_INTERRUPT_RANGE // 2.19
        : null;
  }

  private static FaultReason reason(int code) {
    return FaultReason.of(code).orElseThrow();
  }

  private long refuse(FaultReason reason, long context, Walker walker) {
    boolean recorded =
        reason.fpd() == FaultReason.Fpd.ALWAYS_RECORDED || Context.recordsFaults(context);
    return refusals.refuse(
        reason,
        recorded ? Recording.RECORDED : Recording.SUPPRESSED,
        walker.sourceId,
        walker.iova,
        walker.request());
  }

  private boolean isHostAddress(long iova) {
    return iova >>> hostAddressBits == 0 && !InterruptRange.contains(iova);
  }

  /// Switches translation on or off; on, when it returns, no request is untranslated any more.
  ///
  /// @vtd 11.4.4 Global Command Register
  public void translating(boolean on) {
    change(now -> now.translating(on));
    if (on) {
      inFlight.drain();
    }
  }

  /// Takes the root table at `table` and the table mode `mode` from the next request on.
  public void rootTable(long table, int mode) {
    change(now -> now.rootTable(table, mode));
  }

  /// Puts protected regions, or none, into force; when it returns, every request obeys.
  public void protection(Optional<ProtectedRegions> regions) {
    change(now -> now.protection(regions.orElse(null)));
    inFlight.drain();
  }

  /// Tells observers of each request from now on, or no more.
  public void observed(boolean on) {
    change(now -> now.observed(on));
  }

  /// The table mode in force.
  public TableMode tableMode() {
    return TableMode.of(regime.tableMode);
  }

  /// Whether the table mode in force is the legacy one.
  public boolean isInLegacyMode() {
    return regime.tableMode == Regime.LEGACY;
  }

  /// Back to the switches after power-on; observers stay.
  public void reset() {
    change(now -> Regime.POWER_ON.observed(now.observed));
    inFlight.drain();
  }

  private synchronized void change(UnaryOperator<Regime> step) {
    regime = step.apply(regime);
  }

  /// Number of walks of the page tables.
  public long walks() {
    return walkers.sum(walker -> walker.walks);
  }

  /// Number of paging entries read from memory.
  public long pagingEntriesFetched() {
    return walkers.sum(walker -> walker.scratch.fetches);
  }

  /// Number of contexts read from memory.
  public long contextsFetched() {
    return walkers.sum(walker -> walker.contexts);
  }
}
