package dev.portcullis.unit.translate;

import dev.portcullis.memory.MemoryMap;
import dev.portcullis.pci.AtsEntry;
import dev.portcullis.pci.PasidPrefix;
import dev.portcullis.spec.fault.FaultReason;
import dev.portcullis.spec.register.Capabilities;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.spec.table.SecondStageEntry;
import dev.portcullis.unit.cache.Context;
import dev.portcullis.unit.cache.Iotlb;
import dev.portcullis.unit.cache.Leaf;
import dev.portcullis.unit.cache.Translation;
import dev.portcullis.unit.cache.TranslationCaches;
import dev.portcullis.unit.lookup.ContextLookup;
import dev.portcullis.unit.lookup.Tally;
import dev.portcullis.unit.lookup.WalkScratch;
import dev.portcullis.unit.paging.SecondStageWalk;
import dev.portcullis.unit.policy.Bit62;
import dev.portcullis.unit.request.MemoryType;
import dev.portcullis.unit.request.PageUse;
import dev.portcullis.unit.request.Rights;

/// The way of a request through legacy-mode tables. The checks come in the order of their numbers.
///
/// @vtd 3.4.2 Legacy Mode Address Translation
final class LegacyWay {
  private final KnownContexts contexts;
  private final Iotlb iotlb;
  private final SecondStageWalk walk;
  private final Refusals refusals;
  private final int hostAddressBits;
  private final int guestAddressBits;
  private final boolean cachingMode;
  private final boolean snoopControl;

  LegacyWay(
      MemoryMap memory,
      Capabilities capabilities,
      TranslationCaches caches,
      Refusals refusals,
      Bit62 bit62) {
    this.iotlb = caches.iotlb();
    this.walk = new SecondStageWalk(memory, caches.structures(), capabilities, bit62);
    this.refusals = refusals;
    this.hostAddressBits = capabilities.hostAddressBits();
    this.guestAddressBits = capabilities.capability().guestAddressBits();
    this.cachingMode = capabilities.has(Feature.CACHING_MODE);
    ContextLookup tables = new ContextLookup(memory, capabilities);
    this.contexts = new KnownContexts(caches.contexts(), tables::fetch, 2, cachingMode);
    this.snoopControl = capabilities.has(Feature.SNOOP_CONTROL);
  }

  /// Where the request of `walker` goes; of a translation request, what is answered.
  long translate(Regime now, Walker walker) {
    if (PasidPrefix.isPresent(walker.prefix)) {
      return refuse(FaultReason.PASID_IN_LEGACY_MODE, Context.NONE, walker); // 1.5
    }
    long context = contexts.of(now, walker);
    if (Context.isRefused(context)) {
      return refuse(reason(Context.reasonCode(context)), context, walker);
    }
    if (!walker.isUntranslated() && !Context.allowsDeviceTlb(context)) {
      return refuse(FaultReason.TRANSLATION_TYPE_BLOCKS, context, walker); // 2.9
    }
    if (walker.isTranslated()) {
      return translated(context, walker);
    }
    if (walker.isTranslation() && InterruptRange.contains(walker.iova)) {
      return Completions.ofInterruptRange(walker);
    }
    return Context.isPassThrough(context)
        ? passThrough(context, walker)
        : inDomain(context, walker);
  }

  /// 2.10, 2.11.
  private long translated(long context, Walker walker) {
    if (walker.iova >>> hostAddressBits != 0) {
      return refuse(FaultReason.ADDRESS_BEYOND_WIDTH, context, walker);
    }
    return InterruptRange.contains(walker.iova)
        ? refuse(FaultReason.OUTPUT_IN_INTERRUPT_RANGE, context, walker)
        : walker.iova;
  }

  /// The output is the input, and not in the interrupt range: 0.6 to 0.8 have seen to that.
  private long passThrough(long context, Walker walker) {
    return walker.iova >>> hostAddressBits == 0
        ? walker.iova
        : refuse(FaultReason.ADDRESS_BEYOND_WIDTH, context, walker);
  }

  private long inDomain(long context, Walker walker) {
    int levels = Context.levels(context);
    int addressBits = Math.min(guestAddressBits, SecondStageEntry.shift(levels + 1));
    if (walker.iova >>> addressBits != 0) {
      return refuse(FaultReason.ADDRESS_BEYOND_WIDTH, context, walker); // 2.12
    }
    int domain = Context.domainId(context);
    long translation = walker.missing ? Iotlb.MISS : iotlb.lookup(domain, walker.iova);
    Tally tally = walker.scratch.tally;
    tally.domain = domain;
    tally.iotlbLookups++;
    tally.iotlbHitLevel = Translation.hitLevel(translation);
    if (translation == Iotlb.MISS || walker.isTranslation()) {
      translation = walk(domain, levels, walker);
    }
    FaultReason reason = refusal(translation, walker);
    if (reason != null) {
      return refuse(reason, context, walker);
    }
    if (walker.isTranslation()) {
      return completion(translation, walker);
    }
    if (walker.watched) {
      walker.use = new PageUse(MemoryType.WRITE_BACK, isSnooped(translation));
    }
    return Translation.output(translation, walker.iova);
  }

  private long walk(int domain, int levels, Walker walker) {
    WalkScratch scratch = walker.scratch;
    walker.walks++;
    long translation = walk.walk(domain, walker.iova, levels, scratch, walker.epoch);
    FaultReason reason = refusal(translation, walker);
    if (reason == null || cachingMode && reason != FaultReason.OUTPUT_IN_INTERRUPT_RANGE) {
      // A page that shares its large page with the interrupt range is remembered alone.
      int level = InterruptRange.shares(walker.iova, translation, scratch.leafLevel);
      iotlb.fill(domain, walker.iova, level, translation, walker.epoch);
    }
    return translation;
  }

  /// Why the request may not use `translation`, or null.
  private static FaultReason refusal(long translation, Walker walker) {
    if (Translation.isFault(translation)) {
      return reason(Translation.reasonCode(translation));
    }
    if (walker.isTranslation()) {
      return refusalToTranslate(translation);
    }
    int needed = walker.request().cachedRights();
    if (!Translation.grants(translation, needed)) {
      boolean noWrite = (walker.request().rights() & Rights.WRITE & ~translation) != 0;
      return noWrite ? FaultReason.WRITE_NOT_PERMITTED : FaultReason.READ_NOT_PERMITTED; // 2.17
    }
    return InterruptRange.contains(Translation.page(translation))
        ? FaultReason.OUTPUT_IN_INTERRUPT_RANGE // 2.19
        : null;
  }

  private static FaultReason refusalToTranslate(long translation) {
    if ((Translation.rights(translation) & (Rights.READ | Rights.WRITE)) == 0) {
      return FaultReason.READ_NOT_PERMITTED;
    }
    return InterruptRange.overlaps(Translation.page(translation), Completions.pageLog2(translation))
        ? FaultReason.OUTPUT_IN_INTERRUPT_RANGE // 2.19
        : null;
  }

  private boolean isSnooped(long translation) {
    return snoopControl && Leaf.isSnooped(Translation.leaf(translation));
  }

  private long completion(long translation, Walker walker) {
    boolean snooped = isSnooped(translation);
    return Completions.of(translation, Translation.Group.USER, snooped ? AtsEntry.N : 0, walker);
  }

  private static FaultReason reason(int code) {
    return FaultReason.of(code).orElseThrow();
  }

  private long refuse(FaultReason reason, long context, Walker walker) {
    return refusals.refuse(reason, Context.recordsFaults(context), walker);
  }
}
