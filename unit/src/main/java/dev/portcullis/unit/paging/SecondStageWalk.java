package dev.portcullis.unit.paging;

import dev.portcullis.memory.MemoryMap;
import dev.portcullis.spec.fault.FaultReason;
import dev.portcullis.spec.register.Capabilities;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.spec.table.SecondStageEntry;
import dev.portcullis.unit.cache.Leaf;
import dev.portcullis.unit.cache.PagingStructureCache;
import dev.portcullis.unit.cache.Pasid;
import dev.portcullis.unit.cache.Translation;
import dev.portcullis.unit.lookup.Trail;
import dev.portcullis.unit.lookup.WalkScratch;
import dev.portcullis.unit.policy.Bit62;
import dev.portcullis.unit.request.Rights;

/// Walks second-stage tables of 3, 4 or 5 levels.
///
/// @vtd 3.7 Second-Stage Translation
public final class SecondStageWalk {
  private static final int HIGHEST = 5;

  /// Where the rights are in an entry when software has chosen IR and IW.
  private static final int IO_RIGHTS_SHIFT = 61;

  private final MemoryMap memory;
  private final PagingStructureCache structures;
  private final boolean zeroLengthRead;
  private final boolean bit62Reserved;

  /// Bits that must be 0, by level, in an entry that points to a table.
  private final long[] reservedInPointer = new long[HIGHEST + 1];

  /// Bits that must be 0, by level, in an entry that maps a page.
  private final long[] reservedInPage = new long[HIGHEST + 1];

  public SecondStageWalk(
      MemoryMap memory, PagingStructureCache structures, Capabilities capabilities, Bit62 bit62) {
    this.memory = memory;
    this.structures = structures;
    this.zeroLengthRead = capabilities.has(Feature.ZERO_LENGTH_READ);
    this.bit62Reserved = bit62 == Bit62.RESERVED;
    long everywhere = SecondStageEntry.ADDR.mask() & capabilities.beyondHostAddress();
    long snoop = capabilities.has(Feature.SNOOP_CONTROL) ? 0 : SecondStageEntry.SNP.mask();
    for (int level = 1; level <= HIGHEST; level++) {
      boolean mapsLarge = capabilities.capability().supportsLargePage(level) && level <= 3;
      long size = level == 1 || mapsLarge ? 0 : SecondStageEntry.PS.mask();
      long offset = (1L << SecondStageEntry.shift(level)) - (1L << SecondStageEntry.shift(1));
      reservedInPointer[level] = everywhere | size | SecondStageEntry.SNP.mask();
      reservedInPage[level] = everywhere | size | snoop | offset;
    }
  }

  /// How tables are read, and what their faults are called.
  ///
  /// @param rightsShift where the rights are in an entry
  /// @param marks whether accessed flags are set
  /// @param topFetchFailed the reason when the first entry cannot be read
  /// @param fetchFailed the reason when a later one cannot
  /// @param reservedBits the reason when an entry is broken
  private record Dialect(
      int rightsShift,
      boolean marks,
      FaultReason topFetchFailed,
      FaultReason fetchFailed,
      FaultReason reservedBits) {

    static Dialect scalable(int rightsShift, boolean marks) {
      return new Dialect(
          rightsShift,
          marks,
          FaultReason.SECOND_STAGE_TOP_FETCH_FAILED,
          FaultReason.SECOND_STAGE_FETCH_FAILED,
          FaultReason.SECOND_STAGE_RESERVED_BITS);
    }
  }

  private static final Dialect LEGACY =
      new Dialect(
          0,
          false,
          FaultReason.CONTEXT_INVALID,
          FaultReason.PAGING_ENTRY_FETCH_FAILED,
          FaultReason.PAGING_ENTRY_RESERVED_BITS);

  private static final Dialect SCALABLE = Dialect.scalable(0, false);
  private static final Dialect SCALABLE_MARKING = Dialect.scalable(0, true);
  private static final Dialect SCALABLE_IO = Dialect.scalable(IO_RIGHTS_SHIFT, false);
  private static final Dialect SCALABLE_IO_MARKING = Dialect.scalable(IO_RIGHTS_SHIFT, true);

  /// Walks the tables of `domain` at `scratch.table` for `iova` in legacy mode, from the lowest
  /// table the paging-structure caches know.
  ///
  /// @param walkedInEpoch the current epoch
  /// @return a [Translation] of the 4-KiB page of `iova`: with the rights all levels grant, none if
  ///   an entry grants none, or a fault; `scratch.leafLevel` is the level that mapped it
  public long walk(int domain, long iova, int levels, WalkScratch scratch, long walkedInEpoch) {
    long translation = walk(LEGACY, domain, iova, levels, scratch.table, scratch);
    remember(domain, iova, scratch, walkedInEpoch);
    return translation;
  }

  /// Walks the tables of `pasid` for `address`. Sets nothing in memory and in no cache:
  /// `scratch.secondStage` says what is due before the result is used; [#remember] follows that.
  ///
  /// @param ioRights whether software has chosen IR and IW over R and W (SSIRWE)
  /// @return as in legacy mode
  public long walk(Pasid pasid, long address, boolean ioRights, WalkScratch scratch) {
    Dialect dialect;
    if (ioRights) {
      dialect = pasid.secondStageMarks ? SCALABLE_IO_MARKING : SCALABLE_IO;
    } else {
      dialect = pasid.secondStageMarks ? SCALABLE_MARKING : SCALABLE;
    }
    return walk(
        dialect, pasid.domain, address, pasid.secondStageLevels, pasid.secondStage, scratch);
  }

  private long walk(
      Dialect dialect, int domain, long iova, int levels, long root, WalkScratch scratch) {
    Trail trail = scratch.secondStage;
    trail.clear();
    long table = root;
    long rights = Rights.READ | Rights.WRITE;
    int level = levels;
    scratch.tally.secondStageLookups++;
    for (int cached = 2; cached <= levels; cached++) {
      long known = structures.lookup(domain, iova, cached);
      if (known != 0) {
        table = Translation.page(known);
        rights = Translation.rights(known);
        level = cached - 1;
        scratch.tally.secondStageHits[cached]++;
        break;
      }
    }
    scratch.leafLevel = 1;
    long iwReserved = bit62Reserved && dialect.rightsShift == 0 ? SecondStageEntry.IW.mask() : 0;
    long accessed = dialect.marks ? SecondStageEntry.A.mask() : 0;
    for (; ; level--) {
      scratch.fetches++;
      scratch.tally.memoryReads++;
      long hpa = SecondStageEntry.address(table, iova, level);
      if (!memory.fetch64(hpa, scratch.fetched)) {
        return Translation.fault(
            (level == levels ? dialect.topFetchFailed : dialect.fetchFailed).code()); // 2.13, 2.14
      }
      long entry = scratch.fetched.lo;
      long granted = entry >>> dialect.rightsShift & (Rights.READ | Rights.WRITE);
      if (granted == 0) {
        return Translation.of(0, 0); // 2.16
      }
      boolean mapsPage = SecondStageEntry.mapsPage(entry, level);
      long reserved = (mapsPage ? reservedInPage : reservedInPointer)[level] | iwReserved;
      if ((entry & reserved) != 0) {
        return Translation.fault(dialect.reservedBits.code()); // 2.15
      }
      rights &= granted;
      table = SecondStageEntry.ADDR.inPlace(entry);
      if (mapsPage) {
        scratch.leafLevel = level;
        trail.came(level, hpa, entry, accessed, 0);
        long leaf = Leaf.secondStage(entry) | Leaf.level(level);
        return Translation.withLeaf(
            Translation.of(table | pageOffset(iova, level), rights | zeroLength(rights)), leaf);
      }
      trail.came(level, hpa, entry, accessed, Translation.of(table, rights));
    }
  }

  /// Remembers the pointers to tables that the last walk came by, whose flags are set by now.
  public void remember(int domain, long address, WalkScratch scratch, long walkedInEpoch) {
    Trail trail = scratch.secondStage;
    for (int level = Math.max(2, trail.lowest()); level <= trail.highest(); level++) {
      long pointer = trail.pointer(level);
      if (pointer != 0) {
        structures.fill(domain, address, level, pointer, walkedInEpoch);
      }
    }
  }

  /// Bits of `iova` above 4 KiB that a page of `level` does not translate.
  static long pageOffset(long iova, int level) {
    return iova & (1L << SecondStageEntry.shift(level)) - (1L << SecondStageEntry.shift(1));
  }

  private long zeroLength(long rights) {
    boolean granted = (rights & Rights.READ) != 0 || zeroLengthRead && (rights & Rights.WRITE) != 0;
    return granted ? Rights.ZERO_LENGTH_READ : 0;
  }
}
