package dev.portcullis.unit.lookup;

import dev.portcullis.memory.MemoryMap;
import dev.portcullis.spec.fault.FaultReason;
import dev.portcullis.spec.register.Capabilities;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.spec.table.PasidDirectoryEntry;
import dev.portcullis.spec.table.PasidEntry;
import dev.portcullis.spec.table.SecondStageEntry;
import dev.portcullis.unit.cache.Pasid;
import dev.portcullis.unit.cache.Pasid.Kind;
import dev.portcullis.unit.cache.TranslationCaches;

/// Reads PASID directory and table.
///
/// @vtd 3.4.3 Scalable Mode Address Translation
public final class PasidLookup {
  private static final PasidEntry NOTHING = new PasidEntry(0, 0, 0, 0, 0);

  private final MemoryMap memory;
  private final TranslationCaches caches;
  private final Capabilities capabilities;
  private final PasidReservedBits reserved;
  private final long beyondHostAddress;

  public PasidLookup(MemoryMap memory, TranslationCaches caches, Capabilities capabilities) {
    this.memory = memory;
    this.caches = caches;
    this.capabilities = capabilities;
    this.reserved = new PasidReservedBits(capabilities);
    this.beyondHostAddress = capabilities.beyondHostAddress();
  }

  /// Fetches the entry of `pasid` of `sourceId` through the directory at `directory`.
  ///
  /// @param withHostPermissions whether the context entry wants host permission tables used
  /// @return the entry, or the refusal
  public Pasid fetch(
      long directory, int sourceId, int pasid, boolean withHostPermissions, WalkScratch scratch) {
    if (!memory.fetch64(PasidDirectoryEntry.address(directory, pasid), scratch.fetched)) {
      return refused(sourceId, pasid, FaultReason.PASID_DIRECTORY_FETCH_FAILED, true); // 4.1
    }
    var entry = new PasidDirectoryEntry(scratch.fetched.lo);
    boolean recorded = entry.recordsFaults();
    if (!entry.isPresent()) {
      return refused(sourceId, pasid, FaultReason.PASID_DIRECTORY_NOT_PRESENT, recorded); // 4.2
    }
    if (entry.hasReservedBits(beyondHostAddress)) {
      return refused(sourceId, pasid, FaultReason.PASID_DIRECTORY_RESERVED_BITS, recorded); // 4.3
    }
    long hpa = PasidEntry.address(entry.pasidTable(), pasid);
    long[] words = new long[PasidEntry.BYTES / 8];
    for (int i = words.length - 2; i >= 0; i -= 2) { // P is read last
      if (!memory.fetch128(hpa + 8L * i, scratch.fetched)) {
        return refused(sourceId, pasid, FaultReason.PASID_FETCH_FAILED, recorded); // 4.4
      }
      words[i] = scratch.fetched.lo;
      words[i + 1] = scratch.fetched.hi;
    }
    return check(sourceId, pasid, words, withHostPermissions, recorded);
  }

  private Pasid check(
      int sourceId, int pasid, long[] words, boolean withHostPermissions, boolean recordedSoFar) {
    var entry = new PasidEntry(words[0], words[1], words[2], words[4], words[5]);
    boolean recorded = recordedSoFar && entry.recordsFaults();
    FaultReason refusal = null;
    if (!entry.isPresent()) {
      refusal = FaultReason.PASID_NOT_PRESENT; // 4.5
    } else if ((words[3] | words[6] | words[7]) != 0
        || reserved.areSetIn(entry, withHostPermissions)) {
      refusal = FaultReason.PASID_RESERVED_BITS; // 4.6
    } else if (!isSupported(entry)) {
      refusal = FaultReason.PASID_INVALID; // 4.7 to 4.10
    }
    return refusal == null
        ? placed(sourceId, pasid, entry, recorded)
        : Pasid.refused(sourceId, pasid, refusal, entry, recorded);
  }

  private boolean isSupported(PasidEntry entry) {
    return switch (entry.translationType()) {
      case PasidEntry.PGTT_FIRST_STAGE ->
          capabilities.has(Feature.FIRST_STAGE) && isFirstStageSupported(entry);
      case PasidEntry.PGTT_SECOND_STAGE ->
          capabilities.has(Feature.SECOND_STAGE) && isSecondStageSupported(entry);
      case PasidEntry.PGTT_NESTED ->
          capabilities.has(Feature.NESTED_TRANSLATION)
              && isFirstStageSupported(entry)
              && isSecondStageSupported(entry)
              && entry.firstStageTables() >>> guestAddressBits(entry.secondStageLevels()) == 0;
      case PasidEntry.PGTT_PASS_THROUGH -> capabilities.has(Feature.PASS_THROUGH);
      default -> false;
    };
  }

  private boolean isFirstStageSupported(PasidEntry entry) {
    int levels = entry.firstStageLevels();
    return levels == 4 || levels == 5 && capabilities.has(Feature.FIRST_STAGE_5_LEVELS);
  }

  private boolean isSecondStageSupported(PasidEntry entry) {
    return capabilities.capability().supportsLevels(entry.secondStageLevels());
  }

  /// Bits of an address that second-stage tables of `levels` levels translate.
  private int guestAddressBits(int levels) {
    return Math.min(
        capabilities.capability().guestAddressBits(), SecondStageEntry.shift(levels + 1));
  }

  private Pasid placed(int sourceId, int pasid, PasidEntry entry, boolean recorded) {
    int domain = entry.domainId();
    Kind kind =
        switch (entry.translationType()) {
          case PasidEntry.PGTT_FIRST_STAGE -> Kind.FIRST_STAGE;
          case PasidEntry.PGTT_SECOND_STAGE -> Kind.SECOND_STAGE;
          case PasidEntry.PGTT_NESTED -> Kind.NESTED;
          default -> Kind.PASS_THROUGH;
        };
    int space =
        kind == Kind.FIRST_STAGE || kind == Kind.NESTED ? caches.spaceOf(domain, pasid) : domain;
    return Pasid.of(sourceId, pasid, kind, entry, new Pasid.Placement(recorded, space));
  }

  private static Pasid refused(int sourceId, int pasid, FaultReason reason, boolean recorded) {
    return Pasid.refused(sourceId, pasid, reason, NOTHING, recorded);
  }
}
