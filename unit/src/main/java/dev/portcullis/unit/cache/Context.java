package dev.portcullis.unit.cache;

/// What the context cache holds for a requester, as a `long`: enough for the hot path.
///
/// ```
///   63  62       49 48    41 40   39 38  37 36 34 33  32 31      16 15      0
///  +---+-----------+--------+-------+---+---+-----+------+----------+---------+
///  | 1 |     0     | reason |   0   | 0 |FPD|levels| kind |source-id |domain-id|
///  +---+-----------+--------+-------+---+---+-----+------+----------+---------+
/// ```
public final class Context {
  /// No context; no valid one is 0.
  public static final long NONE = 0;

  private static final long VALID = Long.MIN_VALUE;
  private static final long SOURCE = 0xffff_0000L;
  private static final int KIND_SHIFT = 32;
  private static final int LEVELS_SHIFT = 34;
  private static final long FPD = 1L << 37;
  private static final int REASON_SHIFT = 41;

  /// How requests of the requester are treated.
  public enum Kind {
    /// Not known: no context.
    NONE,
    /// Through second-stage tables.
    SECOND_STAGE,
    /// The address is the physical one.
    PASS_THROUGH,
    /// Refused, for the reason in the context.
    REFUSED
  }

  private static final long KIND = 3L << KIND_SHIFT;
  private static final long SECOND_STAGE = (long) Kind.SECOND_STAGE.ordinal() << KIND_SHIFT;
  private static final long PASS_THROUGH = (long) Kind.PASS_THROUGH.ordinal() << KIND_SHIFT;
  private static final long REFUSED = (long) Kind.REFUSED.ordinal() << KIND_SHIFT;

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
