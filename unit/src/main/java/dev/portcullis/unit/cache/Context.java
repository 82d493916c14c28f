package dev.portcullis.unit.cache;

import dev.portcullis.spec.table.ScalableContextEntry;

/// What the context cache holds for a requester, as a `long`: enough for the hot path.
///
/// ```
///   63  62  57 56     52 51   50     47 46    39 38  37    35 34  32 31      16 15      0
///  +---+------+---------+----+---------+--------+---+--------+------+----------+---------+
///  | 1 |  0   |  allows |PRIV| PASID hi| reason |FPD| levels | kind |source-id |domain-id|
///  |   |      |         |    |         |        |   | or PDTS|      |          |or PASID |
///  +---+------+---------+----+---------+--------+---+--------+------+----------+---------+
/// ```
///
/// In scalable mode there is no domain: the field and bits 50 to 47 hold RID_PASID, and PRIV is
/// RID_PRIV. "Allows" has the bits DTE, PASIDE, PRE, HPTE and EPTR of the entry; a legacy entry
/// with device-TLB has DTE.
public final class Context {
  /// No context; no valid one is 0.
  public static final long NONE = 0;

  private static final long VALID = Long.MIN_VALUE;
  private static final long SOURCE = 0xffff_0000L;
  private static final int KIND_SHIFT = 32;
  private static final int LEVELS_SHIFT = 35;
  private static final long FPD = 1L << 38;
  private static final int REASON_SHIFT = 39;
  private static final int PASID_HIGH_SHIFT = 47 - 16;
  private static final long PRIVILEGED = 1L << 51;
  private static final int ALLOWS_SHIFT = 52 - 2;

  /// Bits DTE to EPTR of a scalable-mode context entry, in place.
  private static final long ALLOWS = 0x7c;

  private static final long DEVICE_TLB = 1L << 52;
  private static final long PASIDS = 1L << 53;
  private static final long PAGE_REQUESTS = 1L << 54;
  private static final long HOST_PERMISSIONS = 1L << 55;
  private static final long TRANSLATED_PASIDS = 1L << 56;

  /// How requests of the requester are treated.
  public enum Kind {
    /// Not known: no context.
    NONE,
    /// Through second-stage tables.
    SECOND_STAGE,
    /// The address is the physical one.
    PASS_THROUGH,
    /// Refused, for the reason in the context.
    REFUSED,
    /// By PASID: a scalable-mode context.
    SCALABLE
  }

  private static final long KIND = 7L << KIND_SHIFT;
  private static final long SECOND_STAGE = (long) Kind.SECOND_STAGE.ordinal() << KIND_SHIFT;
  private static final long PASS_THROUGH = (long) Kind.PASS_THROUGH.ordinal() << KIND_SHIFT;
  private static final long REFUSED = (long) Kind.REFUSED.ordinal() << KIND_SHIFT;
  private static final long SCALABLE = (long) Kind.SCALABLE.ordinal() << KIND_SHIFT;

  private Context() {}

  /// Requests of `sourceId` go through tables of `levels` levels.
  public static long secondStage(int sourceId, int domainId, int levels) {
    long levelsField = (long) levels << LEVELS_SHIFT;
    return VALID | (long) sourceId << 16 | domainId | SECOND_STAGE | levelsField;
  }

  /// Requests of `sourceId` pass untranslated.
  public static long passThrough(int sourceId, int domainId) {
    return VALID | (long) sourceId << 16 | domainId | PASS_THROUGH;
  }

  /// Requests of `sourceId` are refused. Tagged with domain 0: that is the one software names to be
  /// rid of it.
  ///
  /// @vtd 6.1 Caching Mode
  public static long refused(int sourceId, int reasonCode) {
    return VALID | (long) sourceId << 16 | REFUSED | (long) reasonCode << REASON_SHIFT;
  }

  /// Requests of `sourceId` are treated by PASID, as the entry says.
  public static long scalable(int sourceId, ScalableContextEntry entry) {
    long pasid = entry.requesterPasid();
    long privileged = ScalableContextEntry.RID_PRIV.isSet(entry.hi()) ? PRIVILEGED : 0;
    return VALID
        | (long) sourceId << 16
        | SCALABLE
        | pasid & 0xffff
        | (pasid & 0xf_0000) << PASID_HIGH_SHIFT
        | ScalableContextEntry.PDTS.of(entry.lo()) << LEVELS_SHIFT
        | (entry.lo() & ALLOWS) << ALLOWS_SHIFT
        | privileged;
  }

  /// `context` of a device that may ask for translations.
  public static long withDeviceTlb(long context) {
    return context | DEVICE_TLB;
  }

  /// `context` with faults kept out of the log.
  public static long withoutRecording(long context) {
    return context | FPD;
  }

  /// Whether `context` is one, and of `sourceId`.
  public static boolean isOf(long context, int sourceId) {
    return (context & (VALID | SOURCE)) == (VALID | (long) sourceId << 16);
  }

  /// Whether requests go through second-stage tables.
  public static boolean isSecondStage(long context) {
    return (context & KIND) == SECOND_STAGE;
  }

  /// Whether requests pass untranslated.
  public static boolean isPassThrough(long context) {
    return (context & KIND) == PASS_THROUGH;
  }

  /// Whether requests are refused.
  public static boolean isRefused(long context) {
    return (context & KIND) == REFUSED;
  }

  /// Whether requests are treated by PASID.
  public static boolean isScalable(long context) {
    return (context & KIND) == SCALABLE;
  }

  /// PASID of requests without one, 20 bits.
  public static int requesterPasid(long context) {
    return (int) (context & 0xffff | context >>> PASID_HIGH_SHIFT & 0xf_0000);
  }

  /// Whether requests without PASID are privileged.
  public static boolean isPrivileged(long context) {
    return (context & PRIVILEGED) != 0;
  }

  /// Log2 of the number of PASIDs in the directory: 13 to 20.
  public static int pasidBits(long context) {
    return (int) (context >>> LEVELS_SHIFT & 7) + 13;
  }

  /// Whether the device may ask for translations and use them.
  public static boolean allowsDeviceTlb(long context) {
    return (context & DEVICE_TLB) != 0;
  }

  /// Whether requests with PASID are allowed.
  public static boolean allowsPasids(long context) {
    return (context & PASIDS) != 0;
  }

  /// Whether page requests are allowed.
  public static boolean allowsPageRequests(long context) {
    return (context & PAGE_REQUESTS) != 0;
  }

  /// Whether translated requests are checked against host permission tables.
  public static boolean hasHostPermissions(long context) {
    return (context & HOST_PERMISSIONS) != 0;
  }

  /// Whether translated requests with PASID are allowed.
  public static boolean allowsTranslatedPasids(long context) {
    return (context & TRANSLATED_PASIDS) != 0;
  }

  /// Domain-id, 16 bits.
  public static int domainId(long context) {
    return (int) context & 0xffff;
  }

  /// Levels of the second-stage tables, 3 to 5.
  public static int levels(long context) {
    return (int) (context >>> LEVELS_SHIFT) & 7;
  }

  /// Whether faults of the requester are recorded.
  public static boolean recordsFaults(long context) {
    return (context & FPD) == 0;
  }

  /// The fault reason's code where requests are refused.
  public static int reasonCode(long context) {
    return (int) (context >>> REASON_SHIFT) & 0xff;
  }
}
