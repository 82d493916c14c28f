package dev.portcullis.unit.paging;

import dev.portcullis.memory.MemoryMap;
import dev.portcullis.spec.fault.FaultReason;
import dev.portcullis.spec.register.Capabilities;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.spec.table.FirstStageEntry;
import dev.portcullis.spec.table.SecondStageEntry;
import dev.portcullis.unit.cache.Leaf;
import dev.portcullis.unit.cache.PagingStructureCache;
import dev.portcullis.unit.cache.Pasid;
import dev.portcullis.unit.cache.Translation;
import dev.portcullis.unit.lookup.Demand;
import dev.portcullis.unit.lookup.Trail;
import dev.portcullis.unit.lookup.WalkScratch;
import dev.portcullis.unit.policy.Bit62;
import dev.portcullis.unit.request.Rights;

/// Walks the tables of a PASID: the first stage, the second, or one over the other.
///
/// A walk has two steps. [#resolve] reads and judges. [#settle] sets accessed and dirty flags, when
/// nothing speaks against the request any more; only then may anything be cached.
///
/// @vtd 3.4.3 Scalable Mode Address Translation
public final class StagedWalk {
  /// All flags are set.
  public static final int SETTLED = 0;

  /// Software has changed an entry since it was read: resolve again.
  public static final int CHANGED = -1;

  /// How often an entry may change under a walk before that counts as failure.
  public static final int TRIES = 16;

  private static final int EVERY_LEVEL = -1;
  private static final long ALL = Rights.READ | Rights.WRITE | Rights.ZERO_LENGTH_READ;

  private final MemoryMap memory;
  private final SecondStageWalk second;
  private final FirstStageWalk first;
  private final boolean snoops;

  public StagedWalk(
      MemoryMap memory, PagingStructureCache structures, Capabilities capabilities, Bit62 bit62) {
    this.memory = memory;
    this.second = new SecondStageWalk(memory, structures, capabilities, bit62);
    this.first = new FirstStageWalk(memory, structures, capabilities, this::placeEntry);
    this.snoops = capabilities.has(Feature.SCALABLE_WALK_COHERENCY);
  }

  /// Finds the page of `iova`, and whether the request that `scratch.demand` describes may have it.
  ///
  /// @return a [Translation] with the rights there are, or a fault; `scratch.leafLevel` is the
  ///   level that mapped it
  public long resolve(Pasid pasid, long iova, WalkScratch scratch) {
    scratch.firstStage.clear();
    scratch.secondStage.clear();
    return switch (pasid.kind) {
      case FIRST_STAGE -> resolveFirst(pasid, iova, scratch);
      case SECOND_STAGE -> judgeSecond(pasid, walkSecond(pasid, iova, scratch), scratch);
      default -> resolveNested(pasid, iova, scratch);
    };
  }

  private long walkSecond(Pasid pasid, long address, WalkScratch scratch) {
    return second.walk(pasid, address, scratch.demand.ioRights, scratch);
  }

  private long resolveFirst(Pasid pasid, long iova, WalkScratch scratch) {
    long translation = first.walk(pasid, iova, scratch);
    return Translation.isFault(translation) ? translation : judgeFirst(pasid, translation, scratch);
  }

  /// 5.8 to 5.10; 5.32 to 5.34 if nested.
  private long judgeFirst(Pasid pasid, long translation, WalkScratch scratch) {
    Demand demand = scratch.demand;
    if (!Translation.grants(translation, Rights.READ, demand.group)) {
      return fault(FaultReason.USER_NOT_PERMITTED);
    }
    if (!Translation.grants(translation, demand.rights & Rights.WRITE, demand.group)) {
      return fault(FaultReason.SCALABLE_WRITE_NOT_PERMITTED);
    }
    Trail trail = scratch.firstStage;
    if (demand.dirties && Translation.grants(translation, Rights.WRITE, demand.group)) {
      trail.addToLeaf(FirstStageEntry.D.mask());
    }
    if (trail.owes(scratch.unwritableLevels)) {
      return fault(FaultReason.FIRST_STAGE_NOT_WRITABLE);
    }
    return trail.owes(EVERY_LEVEL) && !isSnooped(pasid)
        ? fault(FaultReason.FIRST_STAGE_UPDATE_NOT_SNOOPED)
        : translation;
  }

  /// 5.18 to 5.21; 5.35 to 5.37 if nested.
  private long judgeSecond(Pasid pasid, long translation, WalkScratch scratch) {
    Demand demand = scratch.demand;
    if (Translation.isFault(translation)) {
      return translation;
    }
    FaultReason reason = missingRight(translation, demand.rights);
    if (reason != null) {
      return fault(reason);
    }
    if (pasid.secondStageMarks) {
      if (demand.dirties && Translation.grants(translation, Rights.WRITE)) {
        scratch.secondStage.addToLeaf(SecondStageEntry.D.mask());
      }
      if (scratch.secondStage.owes(EVERY_LEVEL) && !isSnooped(pasid)) {
        return fault(FaultReason.SECOND_STAGE_UPDATE_NOT_SNOOPED);
      }
    }
    return translation;
  }

  /// Why a request that needs `needed` may not use a second-stage `translation`, or `null`.
  public static FaultReason missingRight(long translation, int needed) {
    if ((Translation.rights(translation) & (Rights.READ | Rights.WRITE)) == 0
        && !Translation.isClean(translation)) {
      return FaultReason.SECOND_STAGE_NOT_PRESENT;
    }
    if ((needed & Rights.WRITE & ~translation) != 0) {
      return FaultReason.SCALABLE_WRITE_NOT_PERMITTED;
    }
    return (needed & ~translation) != 0 ? FaultReason.SCALABLE_READ_NOT_PERMITTED : null;
  }

  private long resolveNested(Pasid pasid, long iova, WalkScratch scratch) {
    long guest = first.walk(pasid, iova, scratch);
    if (Translation.isFault(guest)) {
      return guest;
    }
    int firstLevel = scratch.leafLevel;
    guest = judgeFirst(pasid, guest, scratch);
    if (Translation.isFault(guest)) {
      return guest;
    }
    Demand demand = scratch.demand;
    boolean dirties = demand.dirties;
    demand.dirties &= Translation.grants(guest, Rights.WRITE, demand.group);
    scratch.guestPage = Translation.page(guest);
    long host = judgeSecond(pasid, walkSecond(pasid, scratch.guestPage, scratch), scratch);
    demand.dirties = dirties;
    if (Translation.isFault(host)) {
      return host;
    }
    if (dirties && !Translation.grants(host, Rights.WRITE)) {
      scratch.firstStage.takeFromLeaf(
          FirstStageEntry.D.mask()); // a page it may not write after all
    }
    scratch.leafLevel = Math.min(firstLevel, scratch.leafLevel);
    return Translation.withLeaf(
        Translation.of(
            Translation.page(host),
            both(guest, host, Translation.Group.USER),
            both(guest, host, Translation.Group.PRIVILEGED),
            both(guest, host, Translation.Group.PRIVILEGED_EXEMPT)),
        Leaf.nested(Translation.leaf(guest), Translation.leaf(host)));
  }

  private static long both(long guest, long host, int group) {
    return Translation.rights(guest, group) & Translation.rights(host, group) & ALL;
  }

  /// Where the first-stage entry at `gpa` is: through the second stage, whose flags are set at
  /// once. Where it keeps them, a read of an entry counts as a write of its page.
  private long placeEntry(Pasid pasid, long gpa, boolean top, WalkScratch scratch) {
    for (int tries = 0; tries < TRIES; tries++) {
      long host = walkSecond(pasid, gpa, scratch);
      FaultReason reason = judgeEntry(pasid, host, top, scratch); // 5.25 to 5.27
      if (reason != null) {
        return -1 - reason.code();
      }
      switch (scratch.secondStage.settle(memory, scratch.tally)) {
        case DONE -> {
          second.remember(pasid.domain, gpa, scratch, scratch.demand.epoch);
          scratch.entryWritable = Translation.grants(host, Rights.WRITE);
          return Translation.output(host, gpa);
        }
        case FAILED -> tries = TRIES;
        case CHANGED -> {}
      }
    }
    return -1 - FaultReason.SECOND_STAGE_UPDATE_FAILED.code();
  }

  private FaultReason judgeEntry(Pasid pasid, long host, boolean top, WalkScratch scratch) {
    if (Translation.isFault(host)) {
      return FaultReason.of(Translation.reasonCode(host)).orElseThrow();
    }
    if ((Translation.rights(host) & (Rights.READ | Rights.WRITE)) == 0) {
      return FaultReason.SECOND_STAGE_NOT_PRESENT;
    }
    int needed = pasid.secondStageMarks ? Rights.READ | Rights.WRITE : Rights.READ;
    boolean allowed = Translation.grants(host, needed);
    if (pasid.secondStageMarks && allowed) {
      scratch.secondStage.addToLeaf(SecondStageEntry.D.mask());
    }
    if (scratch.secondStage.owes(EVERY_LEVEL) && !isSnooped(pasid)) {
      return FaultReason.SECOND_STAGE_UPDATE_NOT_SNOOPED;
    }
    if (allowed) {
      return null;
    }
    return top ? FaultReason.FIRST_STAGE_TOP_NOT_READABLE : FaultReason.FIRST_STAGE_NOT_READABLE;
  }

  /// Sets the flags that are due after [#resolve], and remembers pointers to tables.
  ///
  /// @return [#SETTLED], [#CHANGED], or the code of a fault reason
  public int settle(Pasid pasid, long iova, WalkScratch scratch) {
    Trail.Outcome outcome = scratch.firstStage.settle(memory, scratch.tally);
    if (outcome == Trail.Outcome.FAILED) {
      return FaultReason.FIRST_STAGE_UPDATE_FAILED.code();
    }
    if (outcome == Trail.Outcome.DONE) {
      outcome = scratch.secondStage.settle(memory, scratch.tally);
    }
    if (outcome == Trail.Outcome.FAILED) {
      return FaultReason.SECOND_STAGE_UPDATE_FAILED.code();
    }
    if (outcome == Trail.Outcome.CHANGED) {
      return CHANGED;
    }
    remember(pasid, iova, scratch);
    return SETTLED;
  }

  private void remember(Pasid pasid, long iova, WalkScratch scratch) {
    long epoch = scratch.demand.epoch;
    if (pasid.kind == Pasid.Kind.SECOND_STAGE) {
      second.remember(pasid.domain, iova, scratch, epoch);
    } else {
      first.remember(pasid, iova, scratch, epoch);
      if (pasid.kind == Pasid.Kind.NESTED) {
        second.remember(pasid.domain, scratch.guestPage, scratch, epoch);
      }
    }
  }

  /// The translation to cache once flags are set: without the right to write where the page is not
  /// marked dirty.
  public static long cacheable(Pasid pasid, long translation, WalkScratch scratch) {
    boolean firstClean =
        pasid.kind != Pasid.Kind.SECOND_STAGE
            && !FirstStageEntry.D.isSet(scratch.firstStage.leaf());
    boolean secondClean =
        pasid.kind != Pasid.Kind.FIRST_STAGE
            && pasid.secondStageMarks
            && !SecondStageEntry.D.isSet(scratch.secondStage.leaf());
    return firstClean || secondClean ? Translation.clean(translation) : translation;
  }

  private boolean isSnooped(Pasid pasid) {
    return snoops && pasid.snoopsWalks;
  }

  private static long fault(FaultReason reason) {
    return Translation.fault(reason.code());
  }
}
