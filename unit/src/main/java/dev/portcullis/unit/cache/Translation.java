package dev.portcullis.unit.cache;

import dev.portcullis.unit.request.Rights;

/// What the caches hold for a page or a table, as a `long`.
///
/// ```
///   63        52 51                    12 11    9 8    6   5     4   3   2   0
///  +------------+------------------------+-------+------+-----+----+---+-------+
///  |reason, leaf|   host physical page   |rights |rights|CLEAN|FLT | 1 |rights |
///  |            |                        |  PX   |  P   |     |    |   |  U    |
///  +------------+------------------------+-------+------+-----+----+---+-------+
/// ```
///
/// Rights are the bits of [Rights], once for each [Group] of requests. FLT marks a page whose
/// tables are broken, with the fault reason; only units in caching mode remember those. Without
/// FLT, bits 63 to 52 hold the [Leaf]. CLEAN: the right to write is held back, since the tables do
/// not say yet that the page is dirty.
public final class Translation {
  /// Set in every translation, so that none is 0.
  public static final long PRESENT = 8;

  /// The tables for this page are broken.
  public static final long FAULT = 16;

  /// The tables grant writes, and the first one must mark the page.
  public static final long CLEAN = 32;

  private static final long RIGHTS = Rights.READ | Rights.WRITE | Rights.ZERO_LENGTH_READ;
  private static final long PAGE = 0x000f_ffff_ffff_f000L;
  private static final int REASON_SHIFT = 52;
  private static final long EVERY_GROUP =
      1 | 1L << Group.PRIVILEGED | 1L << Group.PRIVILEGED_EXEMPT;

  /// Whose rights: requests that tables treat alike. The number is where their rights are.
  public static final class Group {
    /// Not privileged.
    public static final int USER = 0;

    /// Privileged, and pages that must not be written are not written by them either.
    public static final int PRIVILEGED = 6;

    /// Privileged, and not bound to the first stage's right to write.
    public static final int PRIVILEGED_EXEMPT = 9;

    private Group() {}
  }

  private Translation() {}

  /// The page at `hpa` with `rights`, bits of [Rights], for every group.
  public static long of(long hpa, long rights) {
    return hpa & PAGE | rights * EVERY_GROUP | PRESENT;
  }

  /// The page at `hpa` with rights of its own for each group.
  public static long of(long hpa, long user, long privileged, long exempt) {
    return hpa & PAGE
        | user
        | privileged << Group.PRIVILEGED
        | exempt << Group.PRIVILEGED_EXEMPT
        | PRESENT;
  }

  /// `translation` with what its [Leaf] says.
  public static long withLeaf(long translation, long leaf) {
    return translation | leaf << REASON_SHIFT;
  }

  /// What the [Leaf] says; of a translation that is no fault.
  public static long leaf(long translation) {
    return translation >>> REASON_SHIFT;
  }

  /// The level of the page that a lookup found; 0 if it found none, or no page.
  public static int hitLevel(long translation) {
    return translation == 0 || isFault(translation) ? 0 : Leaf.levelOf(leaf(translation));
  }

  /// `translation` as long as its page is not marked dirty: without the right to write.
  public static long clean(long translation) {
    return translation & ~(Rights.WRITE * EVERY_GROUP) | CLEAN;
  }

  /// Whether the right to write is held back until the page is marked dirty.
  public static boolean isClean(long translation) {
    return (translation & CLEAN) != 0;
  }

  /// No page: the tables are broken.
  public static long fault(int reasonCode) {
    return (long) reasonCode << REASON_SHIFT | FAULT | PRESENT;
  }

  /// Whether the tables for this page are broken.
  public static boolean isFault(long translation) {
    return (translation & FAULT) != 0;
  }

  /// The fault reason's code, 8 bits.
  public static int reasonCode(long translation) {
    return (int) (translation >>> REASON_SHIFT) & 0xff;
  }

  /// Whether `translation` has all of `rights` for `group`. The one of a broken table has none.
  public static boolean grants(long translation, int rights, int group) {
    return (translation >>> group & rights) == rights;
  }

  /// Whether `translation` has all of `rights` for users. The one of a broken table has none.
  public static boolean grants(long translation, int rights) {
    return (translation & rights) == rights;
  }

  /// Its bits of [Rights] for users.
  public static long rights(long translation) {
    return translation & RIGHTS;
  }

  /// Its bits of [Rights] for `group`.
  public static long rights(long translation, int group) {
    return translation >>> group & RIGHTS;
  }

  /// Base of the page or table: host physical, 4-KiB aligned.
  public static long page(long translation) {
    return translation & PAGE;
  }

  /// Where `iova` comes out: host physical.
  public static long output(long translation, long iova) {
    return translation & PAGE | iova & 0xfff;
  }
}
