package dev.portcullis.unit.paging;

import dev.portcullis.memory.MemoryMap;
import dev.portcullis.spec.fault.FaultReason;
import dev.portcullis.spec.register.Capabilities;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.spec.table.SecondStageEntry;
import dev.portcullis.unit.cache.PagingStructureCache;
import dev.portcullis.unit.cache.Translation;
import dev.portcullis.unit.lookup.WalkScratch;
import dev.portcullis.unit.policy.Bit62;
import dev.portcullis.unit.request.Rights;

/// Walks second-stage tables of 3, 4 or 5 levels.
///
/// @vtd 3.7 Second-Stage Translation
public final class SecondStageWalk {
  private static final int HIGHEST = 5;

  private final MemoryMap memory;
  private final PagingStructureCache structures;
  private final boolean zeroLengthRead;

  /// Bits that must be 0, by level, in an entry that points to a table.
  private final long[] reservedInPointer = new long[HIGHEST + 1];

  /// Bits that must be 0, by level, in an entry that maps a page.
  private final long[] reservedInPage = new long[HIGHEST + 1];

  public SecondStageWalk(
      MemoryMap memory, PagingStructureCache structures, Capabilities capabilities, Bit62 bit62) {
    this.memory = memory;
    this.structures = structures;
    this.zeroLengthRead = capabilities.has(Feature.ZERO_LENGTH_READ);
    long everywhere =
        SecondStageEntry.ADDR.mask() & capabilities.beyondHostAddress()
            | (bit62 == Bit62.RESERVED ? SecondStageEntry.IW.mask() : 0);
    long snoop = capabilities.has(Feature.SNOOP_CONTROL) ? 0 : SecondStageEntry.SNP.mask();
    for (int level = 1; level <= HIGHEST; level++) {
      boolean mapsLarge = capabilities.capability().supportsLargePage(level) && level <= 3;
      long size = level == 1 || mapsLarge ? 0 : SecondStageEntry.PS.mask();
      long offset = (1L << SecondStageEntry.shift(level)) - (1L << SecondStageEntry.shift(1));
      reservedInPointer[level] = everywhere | size | SecondStageEntry.SNP.mask();
      reservedInPage[level] = everywhere | size | snoop | offset;
    }
  }

  /// Walks the tables of `domain` at `scratch.table` for `iova`, from the lowest table the
  /// paging-structure caches know.
  ///
  /// @param walkedInEpoch the current epoch
  /// @return a [Translation] of the 4-KiB page of `iova`: with the rights all levels grant, none if
  ///   an entry grants none, or a fault; `scratch.leafLevel` is the level that mapped it
  public long walk(int domain, long iova, int levels, WalkScratch scratch, long walkedInEpoch) {
    long table = scratch.table;
    long rights = Rights.READ | Rights.WRITE;
    int level = levels;
    for (int cached = 2; cached <= levels; cached++) {
      long known = structures.lookup(domain, iova, cached);
      if (known != 0) {
        table = Translation.page(known);
        rights = Translation.rights(known);
        level = cached - 1;
        break;
      }
    }
    scratch.leafLevel = 1;
    for (; ; level--) {
      scratch.fetches++;
      if (!memory.fetch64(SecondStageEntry.address(table, iova, level), scratch.fetched)) {
        return Translation.fault(fetchFailed(level, levels).code()); // 2.13, 2.14
      }
      long entry = scratch.fetched.lo;
      long granted = entry & (Rights.READ | Rights.WRITE);
      if (granted == 0) {
        return Translation.of(0, 0); // 2.16
      }
      boolean mapsPage = SecondStageEntry.mapsPage(entry, level);
      if ((entry & (mapsPage ? reservedInPage : reservedInPointer)[level]) != 0) {
        return Translation.fault(FaultReason.PAGING_ENTRY_RESERVED_BITS.code()); // 2.15
      }
      rights &= granted;
      table = SecondStageEntry.ADDR.inPlace(entry);
      if (mapsPage) {
        scratch.leafLevel = level;
        return Translation.of(table | pageOffset(iova, level), rights | zeroLength(rights));
      }
      structures.fill(domain, iova, level, Translation.of(table, rights), walkedInEpoch);
    }
  }

  /// Bits of `iova` above 4 KiB that a page of `level` does not translate.
  private static long pageOffset(long iova, int level) {
    return iova & (1L << SecondStageEntry.shift(level)) - (1L << SecondStageEntry.shift(1));
  }

  private long zeroLength(long rights) {
    boolean granted = (rights & Rights.READ) != 0 || zeroLengthRead && (rights & Rights.WRITE) != 0;
    return granted ? Rights.ZERO_LENGTH_READ : 0;
  }

  private static FaultReason fetchFailed(int level, int levels) {
    return level == levels ? FaultReason.CONTEXT_INVALID : FaultReason.PAGING_ENTRY_FETCH_FAILED;
  }
}
