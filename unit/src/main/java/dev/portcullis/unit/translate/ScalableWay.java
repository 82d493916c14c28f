package dev.portcullis.unit.translate;

import dev.portcullis.pci.AtsEntry;
import dev.portcullis.pci.PasidPrefix;
import dev.portcullis.spec.fault.FaultReason;
import dev.portcullis.spec.register.Capabilities;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.spec.table.SecondStageEntry;
import dev.portcullis.unit.cache.Context;
import dev.portcullis.unit.cache.Iotlb;
import dev.portcullis.unit.cache.Pasid;
import dev.portcullis.unit.cache.Pasid.Kind;
import dev.portcullis.unit.cache.Translation;
import dev.portcullis.unit.cache.TranslationCaches;
import dev.portcullis.unit.lookup.Demand;
import dev.portcullis.unit.lookup.WalkScratch;
import dev.portcullis.unit.memorytype.MemoryTypeRanges;
import dev.portcullis.unit.memorytype.PageAccess;
import dev.portcullis.unit.paging.StagedWalk;
import dev.portcullis.unit.policy.Bit62;
import dev.portcullis.unit.request.MemoryType;
import dev.portcullis.unit.request.PageUse;
import dev.portcullis.unit.request.Rights;
import dev.portcullis.unit.snoop.TableMemory;

/// The way of a request through scalable-mode tables, once the [Requester] is known: sections 4 and
/// 5 of the checks, in the order of their numbers.
///
/// @vtd 3.4.3 Scalable Mode Address Translation
final class ScalableWay {
  /// Bits of an address that the caches tell pages apart by: it is canonical.
  static final long CANONICAL = (1L << 57) - 1;

  private static final int PAGE = 12;

  private final Requester requester;
  private final Iotlb iotlb;
  private final MemoryTypeRanges ranges;
  private final StagedWalk snoopedWalk;
  private final StagedWalk otherWalk;
  private final HostPermissions permissions;
  private final Refusals refusals;
  private final Capabilities capabilities;
  private final int hostAddressBits;
  private final boolean cachingMode;
  private final int largestPageLog2;

  ScalableWay(
      TableMemory tables,
      Capabilities capabilities,
      TranslationCaches caches,
      Requester requester,
      Refusals refusals,
      Policies policies) {
    this.requester = requester;
    this.ranges = policies.ranges();
    this.iotlb = caches.iotlb();
    this.snoopedWalk =
        new StagedWalk(tables.snoopedWalks(), caches.structures(), capabilities, policies.bit62());
    this.otherWalk =
        new StagedWalk(tables.otherWalks(), caches.structures(), capabilities, policies.bit62());
    this.permissions = new HostPermissions(tables, capabilities, caches.permissions(), refusals);
    this.refusals = refusals;
    this.capabilities = capabilities;
    this.hostAddressBits = capabilities.hostAddressBits();
    this.cachingMode = capabilities.has(Feature.CACHING_MODE);
    this.largestPageLog2 = largestPageLog2(capabilities);
  }

  /// What else decides about pages.
  record Policies(Bit62 bit62, MemoryTypeRanges ranges) {}

  private static int largestPageLog2(Capabilities capabilities) {
    for (int level = 3; level > 1; level--) {
      if (capabilities.capability().supportsLargePage(level)) {
        return SecondStageEntry.shift(level);
      }
    }
    return PAGE;
  }

  /// Where the request of `walker` goes; of a translation request, what is answered.
  long translate(Regime now, Walker walker) {
    long context = requester.context(now, walker);
    FaultReason reason = requester.refusal(context, walker);
    if (reason != null) {
      return refusals.refuse(reason, Context.recordsFaults(context), walker);
    }
    if (walker.isTranslated() && !Context.hasHostPermissions(context)) {
      return permissions.passUnchecked(Context.recordsFaults(context), walker);
    }
    Pasid pasid = requester.pasid(context, walker);
    boolean recorded = Context.recordsFaults(context) && pasid.recordsFaults;
    if (pasid.kind == Kind.REFUSED) {
      return refusals.refuse(pasid.refusal, recorded, walker);
    }
    walker.scratch.tally.domain = pasid.domain;
    if (walker.isTranslated()) {
      return permissions.check(pasid, recorded, walker);
    }
    boolean privileged = requester.isPrivileged(context, walker);
    reason = byPrefix(pasid, privileged, walker);
    if (reason != null) {
      return refusals.refuse(reason, recorded, walker);
    }
    if (walker.isTranslation()
        && !PasidPrefix.isPresent(walker.prefix)
        && InterruptRange.contains(walker.iova)) {
      return Completions.ofInterruptRange(walker);
    }
    int group = privileged ? pasid.privilegedGroup : Translation.Group.USER;
    return pasid.kind == Kind.PASS_THROUGH
        ? passThrough(pasid, recorded, walker)
        : throughTables(now, pasid, recorded, group, walker);
  }

  /// The entry of the PASID that a page request of `walker` is for, or `null` if it is refused.
  Pasid pageRequest(Regime now, Walker walker) {
    long context = requester.context(now, walker);
    FaultReason reason = requester.refusal(context, walker);
    boolean recorded = Context.recordsFaults(context);
    if (reason == null) {
      Pasid pasid = requester.pasid(context, walker);
      if (pasid.kind != Kind.REFUSED) {
        return pasid;
      }
      reason = pasid.refusal;
      recorded &= pasid.recordsFaults;
    }
    refusals.refuse(reason, recorded, walker);
    return null;
  }

  /// 4.11, 4.12.
  private static FaultReason byPrefix(Pasid pasid, boolean privileged, Walker walker) {
    if (PasidPrefix.isExecute(walker.prefix)) {
      return FaultReason.EXECUTE_DISABLED;
    }
    return privileged && !pasid.allowsPrivileged ? FaultReason.SUPERVISOR_DISABLED : null;
  }

  /// 5.1, 5.2.
  private long passThrough(Pasid pasid, boolean recorded, Walker walker) {
    if (walker.iova >>> hostAddressBits != 0) {
      return refusals.refuse(FaultReason.SCALABLE_ADDRESS_BEYOND_HOST, recorded, walker);
    }
    if (InterruptRange.contains(walker.iova)) {
      return refusals.refuse(FaultReason.SCALABLE_OUTPUT_IN_INTERRUPT_RANGE, recorded, walker);
    }
    if (!walker.isTranslation()) {
      return walker.iova;
    }
    long flags = AtsEntry.R | (walker.readsOnly ? 0 : AtsEntry.W);
    return AtsEntry.of(
        walker.iova,
        largestPageLog2,
        flags | (pasid.snoopsPages() ? AtsEntry.N : 0) | Refusals.privilege(walker.prefix));
  }

  private long throughTables(Regime now, Pasid pasid, boolean recorded, int group, Walker walker) {
    FaultReason reason = beyondWidth(pasid, walker.iova); // 5.3, 5.13, 5.24
    if (reason != null) {
      return refusals.refuse(reason, recorded, walker);
    }
    Demand demand = walker.scratch.demand;
    demand.group = group;
    demand.ioRights = now.root.ioRights();
    demand.epoch = walker.epoch;
    demand.rights = walker.isTranslation() ? 0 : walker.request().cachedRights();
    demand.dirties =
        walker.isTranslation()
            ? !walker.readsOnly
            : (walker.request().rights() & Rights.WRITE) != 0;
    long translation = isAnswerable(pasid, demand, walker) ? lookup(pasid, walker) : Iotlb.MISS;
    if (translation == Iotlb.MISS || !isDecisive(pasid, translation, demand)) {
      return walk(pasid, recorded, walker);
    }
    reason = refusal(pasid, translation, demand);
    return reason == null
        ? answer(pasid, translation, walker)
        : refusals.refuse(reason, recorded, walker);
  }

  private FaultReason beyondWidth(Pasid pasid, long iova) {
    if (pasid.kind != Kind.SECOND_STAGE) {
      return pasid.isCanonical(iova) ? null : FaultReason.NOT_CANONICAL;
    }
    int bits =
        Math.min(
            capabilities.capability().guestAddressBits(),
            SecondStageEntry.shift(pasid.secondStageLevels + 1));
    return iova >>> bits == 0 ? null : FaultReason.SCALABLE_ADDRESS_BEYOND_WIDTH;
  }

  /// Whether the caches may answer: a translation request is answered from the tables.
  private static boolean isAnswerable(Pasid pasid, Demand demand, Walker walker) {
    return pasid.space >= 0 && !walker.isTranslation();
  }

  private long lookup(Pasid pasid, Walker walker) {
    long translation = iotlb.lookup(pasid.space, walker.iova & CANONICAL);
    walker.scratch.tally.iotlbLookups++;
    walker.scratch.tally.iotlbHitLevel = Translation.hitLevel(translation);
    return translation;
  }

  /// Whether what the IOTLB knows is enough. It is not for the first write to a clean page, and
  /// rights missing under two stages do not tell which of them withholds them.
  private static boolean isDecisive(Pasid pasid, long translation, Demand demand) {
    if (Translation.isFault(translation)
        || Translation.grants(translation, demand.rights, demand.group)) {
      return true;
    }
    boolean clean = Translation.isClean(translation) && (demand.rights & Rights.WRITE) != 0;
    return pasid.kind != Kind.NESTED && !clean;
  }

  /// Why the request may not use `translation`, or `null`.
  private static FaultReason refusal(Pasid pasid, long translation, Demand demand) {
    if (Translation.isFault(translation)) {
      return FaultReason.of(Translation.reasonCode(translation)).orElseThrow();
    }
    if (Translation.grants(translation, demand.rights, demand.group)) {
      return null;
    }
    if (pasid.kind == Kind.SECOND_STAGE) {
      return StagedWalk.missingRight(translation, demand.rights);
    }
    return Translation.grants(translation, Rights.READ, demand.group)
        ? FaultReason.SCALABLE_WRITE_NOT_PERMITTED
        : FaultReason.USER_NOT_PERMITTED;
  }

  private long walk(Pasid pasid, boolean recorded, Walker walker) {
    WalkScratch scratch = walker.scratch;
    StagedWalk walk = pasid.snoopsWalks ? snoopedWalk : otherWalk;
    for (int tries = 0; tries < StagedWalk.TRIES; tries++) {
      walker.walks++;
      long translation = walk.resolve(pasid, walker.iova, scratch);
      if (Translation.isFault(translation)) {
        rememberFault(pasid, translation, walker);
        return refusals.refuse(refusal(pasid, translation, scratch.demand), recorded, walker);
      }
      if (isInInterruptRange(translation, walker)) {
        return refusals.refuse(FaultReason.SCALABLE_OUTPUT_IN_INTERRUPT_RANGE, recorded, walker);
      }
      int settled = walk.settle(pasid, walker.iova, scratch);
      if (settled == StagedWalk.SETTLED) {
        remember(pasid, translation, walker);
        return answer(pasid, translation, walker);
      }
      if (settled != StagedWalk.CHANGED) {
        return refusals.refuse(FaultReason.of(settled).orElseThrow(), recorded, walker);
      }
    }
    return refusals.refuse(updateFailed(pasid), recorded, walker);
  }

  private static FaultReason updateFailed(Pasid pasid) {
    return pasid.kind == Kind.SECOND_STAGE
        ? FaultReason.SECOND_STAGE_UPDATE_FAILED
        : FaultReason.FIRST_STAGE_UPDATE_FAILED;
  }

  /// 5.12, 5.23, 5.38; of a translation request, the whole page counts, unless nobody may use it:
  /// that it is told before (5.36, 5.37).
  private static boolean isInInterruptRange(long translation, Walker walker) {
    long page = Translation.page(translation);
    if (!walker.isTranslation()) {
      return InterruptRange.contains(page);
    }
    long rights = Translation.rights(translation, walker.scratch.demand.group);
    return (rights & (Rights.READ | Rights.WRITE)) != 0
        && InterruptRange.overlaps(page, Completions.pageLog2(translation));
  }

  private void remember(Pasid pasid, long translation, Walker walker) {
    if (pasid.space >= 0) {
      long iova = walker.iova & CANONICAL;
      int level = InterruptRange.shares(iova, translation, walker.scratch.leafLevel);
      long cacheable = StagedWalk.cacheable(pasid, translation, walker.scratch);
      iotlb.fill(pasid.space, iova, level, cacheable, walker.epoch);
    }
  }

  /// In caching mode, what is wrong with second-stage tables is remembered; of first-stage tables
  /// it never is. Missing rights are not remembered as faults: others may have them.
  private void rememberFault(Pasid pasid, long translation, Walker walker) {
    int code = Translation.reasonCode(translation);
    boolean ofTables =
        code >= FaultReason.SECOND_STAGE_FETCH_FAILED.code()
            && code <= FaultReason.SECOND_STAGE_TOP_FETCH_FAILED.code();
    if (cachingMode && pasid.kind == Kind.SECOND_STAGE && ofTables) {
      iotlb.fill(pasid.space, walker.iova, 1, translation, walker.epoch);
    }
  }

  private long answer(Pasid pasid, long translation, Walker walker) {
    long leaf = Translation.leaf(translation);
    boolean snooped = PageAccess.isSnooped(pasid, leaf);
    if (!walker.isTranslation()) {
      if (walker.watched) {
        MemoryType range = ranges.of(Translation.page(translation));
        walker.use = new PageUse(PageAccess.type(pasid, leaf, range), snooped);
      }
      return Translation.output(translation, walker.iova);
    }
    return Completions.of(
        translation, walker.scratch.demand.group, snooped ? AtsEntry.N : 0, walker);
  }
}
