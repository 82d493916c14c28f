package dev.portcullis.unit.translate;

import dev.portcullis.pci.PageRequest;
import dev.portcullis.pci.PasidPrefix;
import dev.portcullis.spec.fault.FaultReason;
import dev.portcullis.spec.register.Capabilities;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.spec.register.TableMode;
import dev.portcullis.unit.cache.Context;
import dev.portcullis.unit.cache.ContextCache;
import dev.portcullis.unit.cache.Epoch;
import dev.portcullis.unit.cache.Iotlb;
import dev.portcullis.unit.cache.Pasid;
import dev.portcullis.unit.cache.PasidCache;
import dev.portcullis.unit.cache.Translation;
import dev.portcullis.unit.cache.TranslationCaches;
import dev.portcullis.unit.drain.InFlight;
import dev.portcullis.unit.memorytype.MemoryTypeRanges;
import dev.portcullis.unit.monitor.Monitor;
import dev.portcullis.unit.observe.Observers;
import dev.portcullis.unit.observe.UnitEvent;
import dev.portcullis.unit.pagerequest.PageRequestTables;
import dev.portcullis.unit.policy.Bit62;
import dev.portcullis.unit.protect.ProtectedRegions;
import dev.portcullis.unit.request.Blocked;
import dev.portcullis.unit.request.PageUse;
import dev.portcullis.unit.request.Request;
import dev.portcullis.unit.request.RequestKind;
import dev.portcullis.unit.snoop.TableMemory;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// Takes a request from its requester to a host physical address, or refuses it.
///
/// Here are the checks before any table, with the numbers 0 and 1; the tables' own are in
/// [LegacyWay] and [ScalableWay]. What the caches know is decided before all of them.
///
/// @vtd 3.4 DMA Remapping
public final class Translator {
  /// Bits of an address that tables can translate at most.
  private static final int WIDEST_ADDRESS_BITS = 57;

  /// The version from which on nothing may be executed.
  private static final int FIRST_WITHOUT_EXECUTE = 8;

  /// The prefix flags that the hot path leaves to the others.
  private static final int UNUSUAL = PasidPrefix.PRIVILEGED | PasidPrefix.EXECUTE;

  private final TranslationCaches caches;
  private final ContextCache contexts;
  private final PasidCache pasids;
  private final Iotlb iotlb;
  private final LegacyWay legacy;
  private final ScalableWay scalable;
  private final Requester requester;
  private final Refusals refusals;
  private final InFlight inFlight;
  private final Observers observers;
  private final Monitor monitor;
  private final Capabilities capabilities;
  private final Walkers walkers = new Walkers();
  private final int hostAddressBits;
  private final boolean deviceTlbs;
  private final boolean translatedPasids;
  private final boolean noWriteFlag;
  private volatile Regime regime = Regime.POWER_ON;

  /// The root pointer in force last whose tables can be cached. Commands run one at a time.
  private Regime.RootPointer cached = Regime.POWER_ON.root;

  public Translator(
      TableMemory tables,
      Capabilities capabilities,
      TranslationCaches caches,
      Refusals refusals,
      Surroundings surroundings,
      Bit62 bit62) {
    this.caches = caches;
    this.contexts = caches.contexts();
    this.pasids = caches.pasids();
    this.iotlb = caches.iotlb();
    this.requester = new Requester(tables.structures(), capabilities, caches);
    this.legacy = new LegacyWay(tables.structures(), capabilities, caches, refusals, bit62);
    this.scalable =
        new ScalableWay(
            tables,
            capabilities,
            caches,
            requester,
            refusals,
            new ScalableWay.Policies(bit62, surroundings.ranges()));
    this.refusals = refusals;
    this.inFlight = surroundings.inFlight();
    this.observers = surroundings.observers();
    this.monitor = surroundings.monitor();
    this.capabilities = capabilities;
    this.hostAddressBits = capabilities.hostAddressBits();
    this.deviceTlbs = capabilities.has(Feature.DEVICE_TLBS);
    this.translatedPasids = capabilities.has(Feature.PASID_IN_TRANSLATED_REQUESTS);
    this.noWriteFlag = capabilities.has(Feature.NO_WRITE_FLAG);
  }

  /// Who counts requests, and who watches them.
  public record Surroundings(
      InFlight inFlight, Observers observers, Monitor monitor, MemoryTypeRanges ranges) {}

  /// Where `request` of `sourceId` for `iova` goes: a host physical address, or a code of
  /// [Blocked].
  public long translate(int sourceId, long iova, Request request) {
    Regime now = regime;
    boolean missing = false;
    if (now.direct && iova >>> WIDEST_ADDRESS_BITS == 0) {
      long context = contexts.lookup(sourceId);
      if (Context.isSecondStage(context)) {
        long translation = iotlb.lookup(Context.domainId(context), iova);
        if (Translation.grants(translation, request.cachedRights())) {
          return Translation.output(translation, iova);
        }
        missing = translation == Iotlb.MISS;
      } else if (Context.isScalable(context)) {
        int group = Context.isPrivileged(context) ? -1 : Translation.Group.USER;
        long hpa =
            InterruptRange.contains(iova)
                ? -1
                : lookup(sourceId, Context.requesterPasid(context), group, iova, request);
        if (hpa >= 0) {
          return hpa;
        }
      } else if (Context.isPassThrough(context) && isHostAddress(iova)) {
        return iova;
      }
    }
    return translateSlowly(now, sourceId, iova, request, missing);
  }

  /// The same for a request with a [PasidPrefix].
  public long translate(int sourceId, int prefix, long iova, Request request) {
    Regime now = regime;
    if (now.direct && (prefix & UNUSUAL) == 0) {
      long context = contexts.lookup(sourceId);
      if (Context.isScalable(context) && requester.isHarmless(context, prefix)) {
        int pasid = PasidPrefix.pasid(prefix);
        long hpa = lookup(sourceId, pasid, Translation.Group.USER, iova, request);
        if (hpa >= 0) {
          return hpa;
        }
      }
    }
    return withWalker(now, walkers.claim().on(sourceId, prefix, iova, request));
  }

  /// What the caches know of `iova` for `pasid`, if that lets the request pass; else negative.
  ///
  /// @param group whose rights count; -1 for privileged requests
  private long lookup(int sourceId, int pasid, int group, long iova, Request request) {
    Pasid entry = pasids.lookup(sourceId, pasid);
    if (entry == null || group < 0 && !entry.allowsPrivileged) {
      return -1;
    }
    if (entry.isTranslated()) {
      if (entry.space < 0 || !entry.isCacheable(iova)) {
        return -1;
      }
      long translation = iotlb.lookup(entry.space, iova & ScalableWay.CANONICAL);
      int counted = group < 0 ? entry.privilegedGroup : group;
      return Translation.grants(translation, request.cachedRights(), counted)
          ? Translation.output(translation, iova)
          : -1;
    }
    return entry.kind == Pasid.Kind.PASS_THROUGH && isHostAddress(iova) ? iova : -1;
  }

  /// Whether a translated request of `sourceId` may go to `hpa`: `hpa`, or a code of [Blocked].
  public long checkTranslated(int sourceId, int prefix, long hpa, Request request) {
    Regime now = regime;
    boolean pasid = PasidPrefix.isPresent(prefix);
    if (!deviceTlbs || !now.translating || pasid && !translatedPasids) {
      return Blocked.SILENTLY; // 0.5, 0.9
    }
    return withWalker(
        now, walkers.claim().on(sourceId, prefix, hpa, request).as(RequestKind.TRANSLATED));
  }

  /// The answer to a translation request, see [dev.portcullis.pci.AtsEntry]; or a code of
  /// [Blocked].
  public long requestTranslation(int sourceId, int prefix, long iova, boolean noWrite) {
    Regime now = regime;
    if (!deviceTlbs || !now.translating) {
      return Blocked.SILENTLY; // 0.9
    }
    Walker walker =
        walkers.claim().on(sourceId, prefix, iova, Request.READ).as(RequestKind.TRANSLATION);
    walker.readsOnly = noWrite && noWriteFlag;
    return withWalker(now, walker);
  }

  /// How the page that `request` of `sourceId` is for would be translated; empty if the request is
  /// refused, which is recorded then.
  public Optional<PageRequestTables.Target> pageRequest(int sourceId, PageRequest request) {
    Regime now = regime;
    if (!now.translating) {
      return Optional.empty(); // 0.11
    }
    Walker walker =
        walkers
            .claim()
            .on(sourceId, request.prefix(), request.address(), Request.READ)
            .as(RequestKind.PAGE);
    try {
      walker.epoch = epochOf(now);
      FaultReason reason = modeRefusal(now, walker);
      if (reason == null && now.root.mode() == TableMode.LEGACY) {
        reason = FaultReason.PAGE_REQUEST_IN_LEGACY_MODE; // 1.6
      }
      if (reason != null) {
        refusals.refuse(reason, true, walker);
        return Optional.empty();
      }
      return Optional.ofNullable(scalable.pageRequest(now, walker)).map(Translator::target);
    } finally {
      walker.release();
    }
  }

  private static PageRequestTables.Target target(Pasid pasid) {
    PageRequestTables.Stages stages =
        switch (pasid.kind) {
          case FIRST_STAGE -> PageRequestTables.Stages.FIRST;
          case NESTED -> PageRequestTables.Stages.NESTED;
          default -> PageRequestTables.Stages.SECOND;
        };
    return new PageRequestTables.Target(stages, pasid.domain, pasid.pasid);
  }

  private long translateSlowly(
      Regime now, int sourceId, long iova, Request request, boolean missing) {
    Walker walker = walkers.claim().on(sourceId, PasidPrefix.NONE, iova, request);
    walker.missing = missing;
    return withWalker(now, walker);
  }

  private long withWalker(Regime now, Walker walker) {
    boolean counted = now.watch.monitored();
    if (counted) {
      walker.scratch.tally.clear();
    }
    try {
      long result = route(now, walker);
      if (result >= 0 && isProtected(now, walker, result)) {
        result = Blocked.SILENTLY; // 0.1
      }
      if (counted) {
        int addressType = walker.isTranslated() ? 2 : walker.isTranslation() ? 1 : 0;
        monitor.count(walker.sourceId, walker.prefix, addressType, walker.scratch.tally);
      }
      if (now.watch.observed()) {
        observe(walker, result);
      }
      return result;
    } finally {
      walker.release();
    }
  }

  private static boolean isProtected(Regime now, Walker walker, long hpa) {
    return now.protection != null && !walker.isTranslation() && now.protection.cover(hpa);
  }

  private long route(Regime now, Walker walker) {
    boolean pasid = PasidPrefix.isPresent(walker.prefix);
    if (walker.isUntranslated() && !pasid && InterruptRange.contains(walker.iova)) {
      return inInterruptRange(now, walker);
    }
    if (!now.translating) {
      return walker.iova < 0 ? Blocked.SILENTLY : walker.iova; // 0.10
    }
    walker.watched = now.watch.observed();
    walker.epoch = epochOf(now);
    FaultReason reason = modeRefusal(now, walker);
    if (reason != null) {
      return refusals.refuse(reason, true, walker);
    }
    return now.root.mode() == TableMode.LEGACY
        ? legacy.translate(now, walker)
        : scalable.translate(now, walker);
  }

  /// The epoch for what is read by `now`. Another root pointer may have been taken, and the caches
  /// emptied for it, since `now` was read: then nothing of the old tables may be remembered.
  private long epochOf(Regime now) {
    long epoch = caches.epoch().current();
    return regime == now ? epoch : Epoch.OVER;
  }

  /// 1.1 to 1.4.
  private FaultReason modeRefusal(Regime now, Walker walker) {
    boolean pasid = PasidPrefix.isPresent(walker.prefix);
    if (!now.root.isOffered()) {
      return FaultReason.TABLE_MODE_INVALID;
    }
    if (now.root.mode() == TableMode.LEGACY && now.root.ioRights() && !pasid && !isPage(walker)) {
      return FaultReason.TABLE_MODE_INVALID;
    }
    if (now.root.mode() == TableMode.ABORT) {
      return FaultReason.ABORT_MODE;
    }
    boolean execute = PasidPrefix.isExecute(walker.prefix) && !isPage(walker);
    return execute && capabilities.majorVersion() >= FIRST_WITHOUT_EXECUTE
        ? FaultReason.EXECUTE_REQUEST
        : null;
  }

  private static boolean isPage(Walker walker) {
    return walker.kind() == RequestKind.PAGE;
  }

  private void observe(Walker walker, long result) {
    var asked =
        new UnitEvent.Asked(
            walker.sourceId, walker.prefix, walker.kind(), walker.iova, walker.request());
    if (result < 0) {
      observers.tell(new UnitEvent.Refused(asked, Blocked.reason(result)));
    } else if (walker.isTranslation()) {
      observers.tell(new UnitEvent.TranslationGiven(asked, result));
    } else {
      PageUse use = walker.use == null ? PageUse.PLAIN : walker.use;
      observers.tell(new UnitEvent.Translated(asked, result, use));
    }
    walker.use = null;
  }

  /// A doubleword write here is an interrupt and does not come this way.
  private long inInterruptRange(Regime now, Walker walker) {
    if (walker.request() == Request.ZERO_LENGTH_READ) {
      return walker.iova; // 0.7
    }
    if (!now.translating && !now.remapping) {
      return Blocked.SILENTLY;
    }
    return refusals.refuseInterrupt(FaultReason.NOT_AN_INTERRUPT, walker.sourceId, 0, true); // 0.8
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

  /// Tells whether interrupts are remapped: what is none in their range is recorded then.
  public void interruptsRemapped(boolean on) {
    change(now -> now.remapping(on));
  }

  /// Takes the root table at `table` and the table mode `ttm` from the next request on. What was
  /// cached of tables of another kind is of no use any more.
  ///
  /// @param ioRights whether second-stage rights are in IR and IW (SSIRWE)
  public void rootTable(long table, int ttm, boolean ioRights) {
    var pointer = Regime.RootPointer.of(table, TableMode.of(ttm), ioRights, capabilities);
    change(now -> now.root(pointer));
    if (pointer.isUsable()) {
      boolean useful = pointer.isLike(cached);
      cached = pointer;
      if (!useful) {
        caches.invalidateAll();
      }
    }
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
    return regime.root.mode();
  }

  /// Lets counters count each request from now on, or no more.
  public void monitored(boolean on) {
    change(now -> now.monitored(on));
  }

  /// Whether the table mode in force is the legacy one.
  public boolean isInLegacyMode() {
    return regime.root.mode() == TableMode.LEGACY;
  }

  /// Whether requests are translated (TES).
  public boolean isTranslating() {
    return regime.translating;
  }

  /// Back to the switches after power-on; observers stay.
  public void reset() {
    change(now -> Regime.POWER_ON.observed(now.watch.observed()));
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

  /// Number of PASID table entries read from memory.
  public long pasidsFetched() {
    return walkers.sum(walker -> walker.pasids);
  }

  /// Number of contexts read from memory.
  public long contextsFetched() {
    return walkers.sum(walker -> walker.contexts);
  }
}
