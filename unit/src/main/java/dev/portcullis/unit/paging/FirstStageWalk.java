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
import dev.portcullis.unit.lookup.Trail;
import dev.portcullis.unit.lookup.WalkScratch;
import dev.portcullis.unit.request.Rights;

/// Walks first-stage tables of 4 or 5 levels; where translations are nested, every entry is read at
/// the address that the second stage gives.
///
/// @vtd 3.6 First-Stage Translation
/// @vtd 3.8 Nested Translation
final class FirstStageWalk {
  private static final int HIGHEST = 5;

  /// Bits of an address that the caches tell pages apart by: it is canonical.
  private static final long CANONICAL = (1L << 57) - 1;

  private static final long ALL = Rights.READ | Rights.WRITE | Rights.ZERO_LENGTH_READ;
  private static final long READS = Rights.READ | Rights.ZERO_LENGTH_READ;

  private final MemoryMap memory;
  private final PagingStructureCache structures;
  private final int guestAddressBits;

  /// Bits that must be 0, by level, in an entry that points to a table.
  private final long[] reservedInPointer = new long[HIGHEST + 1];

  /// Bits that must be 0, by level, in an entry that maps a page.
  private final long[] reservedInPage = new long[HIGHEST + 1];

  /// Where first-stage entries are when translations are nested.
  interface GuestTables {
    /// The host physical address of the entry at guest physical `gpa`; or a negative code, `-1 -`
    /// the fault reason's.
    ///
    /// @param top whether it is the first entry of the walk
    long place(Pasid pasid, long gpa, boolean top, WalkScratch scratch);
  }

  private final GuestTables guestTables;

  FirstStageWalk(
      MemoryMap memory,
      PagingStructureCache structures,
      Capabilities capabilities,
      GuestTables guestTables) {
    this.memory = memory;
    this.structures = structures;
    this.guestTables = guestTables;
    this.guestAddressBits = capabilities.capability().guestAddressBits();
    long everywhere = FirstStageEntry.ADDR.mask() & capabilities.beyondHostAddress();
    long largest = capabilities.has(Feature.FIRST_STAGE_1_GIB_PAGES) ? 3 : 2;
    for (int level = 1; level <= HIGHEST; level++) {
      boolean mayMap = level <= largest;
      long size = mayMap ? 0 : FirstStageEntry.PS.mask();
      long offset = (1L << SecondStageEntry.shift(level)) - (1L << SecondStageEntry.shift(1));
      long pat = level == 1 ? 0 : FirstStageEntry.PAT_LARGE.mask();
      reservedInPointer[level] = everywhere | (level == 1 ? 0 : size);
      reservedInPage[level] = everywhere | size | offset & ~pat;
    }
  }

  /// Walks the first-stage tables of `pasid` for the canonical `iova`, from the lowest table the
  /// caches know. Sets nothing in memory and in no cache but on behalf of the second stage:
  /// `scratch.firstStage` says what is due.
  ///
  /// @return a [Translation] of the 4-KiB page of `iova`, to a guest physical page if nested, with
  ///   the rights of each group; or a fault
  long walk(Pasid pasid, long iova, WalkScratch scratch) {
    Trail trail = scratch.firstStage;
    trail.clear();
    scratch.unwritableLevels = 0;
    long table = pasid.firstStage;
    long rights = Rights.READ | Rights.WRITE; // READ: users may; WRITE: R/W is set so far
    int level = pasid.firstStageLevels;
    scratch.tally.firstStageLookups++;
    int highestCached = pasid.space >= 0 ? pasid.firstStageLevels : 0;
    for (int cached = 2; cached <= highestCached; cached++) {
      long known = structures.lookup(pasid.space, iova & CANONICAL, cached);
      if (known != 0) {
        table = Translation.page(known);
        rights = Translation.rights(known);
        level = cached - 1;
        scratch.tally.firstStageHits[cached]++;
        break;
      }
    }
    long used = FirstStageEntry.A.mask() | (pasid.extendedAccessed ? FirstStageEntry.EA.mask() : 0);
    for (; ; level--) {
      boolean top = level == pasid.firstStageLevels;
      long hpa = SecondStageEntry.address(table, iova, level);
      if (pasid.kind == Pasid.Kind.NESTED) {
        hpa = guestTables.place(pasid, hpa, top, scratch);
        if (hpa < 0) {
          return Translation.fault((int) (-1 - hpa)); // 5.25 to 5.27
        }
        scratch.unwritableLevels |= scratch.entryWritable ? 0 : 1 << level;
      }
      scratch.fetches++;
      scratch.tally.memoryReads++;
      if (!memory.fetch64(hpa, scratch.fetched)) {
        return fault(
            top
                ? FaultReason.FIRST_STAGE_TOP_FETCH_FAILED // 5.4
                : FaultReason.FIRST_STAGE_FETCH_FAILED); // 5.5
      }
      long entry = scratch.fetched.lo;
      boolean mapsPage = FirstStageEntry.mapsPage(entry, level);
      FaultReason broken = check(pasid, entry, level, mapsPage);
      if (broken != null) {
        return fault(broken);
      }
      rights &=
          (FirstStageEntry.US.isSet(entry) ? Rights.READ : 0)
              | (FirstStageEntry.RW.isSet(entry) ? Rights.WRITE : 0);
      table = FirstStageEntry.ADDR.inPlace(entry);
      if (mapsPage) {
        scratch.leafLevel = level;
        trail.came(level, hpa, entry, used, 0);
        return page(entry, iova, level, rights);
      }
      trail.came(level, hpa, entry, used, Translation.of(table, rights));
    }
  }

  private FaultReason check(Pasid pasid, long entry, int level, boolean mapsPage) {
    if (!FirstStageEntry.P.isSet(entry)) {
      return FaultReason.FIRST_STAGE_NOT_PRESENT; // 5.6
    }
    if ((entry & (mapsPage ? reservedInPage : reservedInPointer)[level]) != 0) {
      return FaultReason.FIRST_STAGE_RESERVED_BITS; // 5.7
    }
    boolean tooWide =
        pasid.kind == Pasid.Kind.NESTED
            && FirstStageEntry.ADDR.inPlace(entry) >>> guestBits(pasid) != 0;
    return tooWide ? FaultReason.FIRST_STAGE_ADDRESS_BEYOND_WIDTH : null; // 5.31
  }

  private int guestBits(Pasid pasid) {
    return Math.min(guestAddressBits, SecondStageEntry.shift(pasid.secondStageLevels + 1));
  }

  private static long page(long entry, long iova, int level, long rights) {
    boolean written = (rights & Rights.WRITE) != 0;
    long guarded = written ? ALL : READS;
    long user = (rights & Rights.READ) != 0 ? guarded : 0;
    long start =
        FirstStageEntry.ADDR.inPlace(entry)
            & -(1L << SecondStageEntry.shift(level)); // bit 12 of a large page is an attribute
    return Translation.withLeaf(
        Translation.of(start | SecondStageWalk.pageOffset(iova, level), user, guarded, ALL),
        Leaf.firstStage(entry, level) | Leaf.level(level));
  }

  /// Remembers the pointers to tables that the last walk came by, whose flags are set by now.
  void remember(Pasid pasid, long iova, WalkScratch scratch, long walkedInEpoch) {
    Trail trail = scratch.firstStage;
    for (int level = Math.max(2, trail.lowest()); level <= trail.highest(); level++) {
      long pointer = trail.pointer(level);
      if (pointer != 0 && pasid.space >= 0) {
        structures.fill(pasid.space, iova & CANONICAL, level, pointer, walkedInEpoch);
      }
    }
  }

  private static long fault(FaultReason reason) {
    return Translation.fault(reason.code());
  }
}
