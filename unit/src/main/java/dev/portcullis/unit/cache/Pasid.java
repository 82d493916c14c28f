package dev.portcullis.unit.cache;

import dev.portcullis.spec.fault.FaultReason;
import dev.portcullis.spec.table.PasidEntry;

/// What the PASID cache holds for one PASID of a requester: the table entry, decoded once, or why
/// requests with it are refused.
///
/// @vtd 6.2.4 PASID-cache
public final class Pasid {
  /// How requests are translated.
  public enum Kind {
    FIRST_STAGE,
    SECOND_STAGE,
    NESTED,
    PASS_THROUGH,
    /// Not at all: they are refused for [Pasid#refusal].
    REFUSED
  }

  /// Requester-id.
  public final int sourceId;

  /// The PASID, 20 bits.
  public final int pasid;

  public final Kind kind;

  /// Why requests are refused; `null` where they are not.
  public final FaultReason refusal;

  /// Whether faults are recorded, as far as directory and table say.
  public final boolean recordsFaults;

  /// Domain-id; 0 where requests are refused.
  public final int domain;

  /// The [Spaces] number of the translations.
  public final int space;

  /// Second-stage tables: host physical, and their levels.
  public final long secondStage;

  public final int secondStageLevels;

  /// First-stage tables, guest physical if nested, and their levels.
  public final long firstStage;

  public final int firstStageLevels;

  /// Canonical addresses have bits [63:n] equal: 64 - n, for a shift either way.
  final int canonicalShift;

  /// Whether privileged requests are allowed (SRE).
  public final boolean allowsPrivileged;

  /// The [Translation.Group] of privileged requests.
  public final int privilegedGroup;

  /// Second-stage accessed and dirty flags are kept (SSADE).
  public final boolean secondStageMarks;

  /// Extended accessed flags are kept (EAFE).
  public final boolean extendedAccessed;

  /// Walks are snooped (PWSNP).
  public final boolean snoopsWalks;

  private final PasidEntry entry;

  private Pasid(
      int sourceId,
      int pasid,
      Kind kind,
      FaultReason refusal,
      PasidEntry entry,
      Placement placement) {
    this.sourceId = sourceId;
    this.pasid = pasid;
    this.kind = kind;
    this.refusal = refusal;
    this.entry = entry;
    this.recordsFaults = placement.recordsFaults;
    this.space = placement.space;
    this.domain = kind == Kind.REFUSED ? 0 : entry.domainId();
    this.secondStage = entry.secondStageTables();
    this.secondStageLevels = entry.secondStageLevels();
    this.firstStage = entry.firstStageTables();
    this.firstStageLevels = entry.firstStageLevels();
    this.canonicalShift = 64 - (12 + 9 * firstStageLevels);
    this.allowsPrivileged = PasidEntry.SRE.isSet(entry.w2());
    this.privilegedGroup =
        PasidEntry.WPE.isSet(entry.w2())
            ? Translation.Group.PRIVILEGED
            : Translation.Group.PRIVILEGED_EXEMPT;
    this.secondStageMarks = PasidEntry.SSADE.isSet(entry.w0());
    this.extendedAccessed = PasidEntry.EAFE.isSet(entry.w2());
    this.snoopsWalks = PasidEntry.PWSNP.isSet(entry.w1());
  }

  /// What is not in the entry.
  ///
  /// @param recordsFaults whether neither directory nor table keep faults out of the log
  /// @param space number of the address space
  public record Placement(boolean recordsFaults, int space) {}

  /// `pasid` of `sourceId` is translated as `entry` says.
  public static Pasid of(
      int sourceId, int pasid, Kind kind, PasidEntry entry, Placement placement) {
    return new Pasid(sourceId, pasid, kind, null, entry, placement);
  }

  /// `pasid` of `sourceId` is refused for `refusal`.
  public static Pasid refused(
      int sourceId, int pasid, FaultReason refusal, PasidEntry entry, boolean recordsFaults) {
    return new Pasid(
        sourceId, pasid, Kind.REFUSED, refusal, entry, new Placement(recordsFaults, 0));
  }

  boolean isOf(int ofSourceId, int ofPasid) {
    return sourceId == ofSourceId && pasid == ofPasid;
  }

  /// Whether translations are in the caches under `address` modulo 2^57: for a first stage, where
  /// the address is canonical; for a second stage alone, where it has no more bits.
  public boolean isCacheable(long address) {
    return kind == Kind.SECOND_STAGE ? address >>> 57 == 0 : isCanonical(address);
  }

  /// Whether requests go through tables.
  public boolean isTranslated() {
    return kind.ordinal() <= Kind.NESTED.ordinal();
  }

  /// Whether bits [63:N-1] of `address` are equal, N being the width of the first stage.
  public boolean isCanonical(long address) {
    return address << canonicalShift >> canonicalShift == address;
  }

  /// Whether pages are accessed with snooping whatever the device says (PGSNP).
  public boolean snoopsPages() {
    return PasidEntry.PGSNP.isSet(entry.w1());
  }

  /// The table entry, for what only few want to know.
  public PasidEntry entry() {
    return entry;
  }
}
