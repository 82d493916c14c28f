package dev.portcullis.unit.cache;

import dev.portcullis.unit.request.Rights;

/// What the caches hold for a page or a table, as a `long`.
///
/// ```
///   63        52 51                          12 11     5  4   3  2 1 0
///  +------------+------------------------------+--------+---+---+-+-+-+
///  |   reason   |     host physical page       |   0    |FLT| 1 |Z|W|R|
///  +------------+------------------------------+--------+---+---+-+-+-+
/// ```
///
/// R, W and Z are the bits of [Rights]. FLT marks a page whose tables are broken, with the fault
/// reason; only units in caching mode remember those.
public final class Translation {
  /// Set in every translation, so that none is 0.
  public static final long PRESENT = 8;

  /// The tables for this page are broken.
  public static final long FAULT = 16;

  private static final long RIGHTS = Rights.READ | Rights.WRITE | Rights.ZERO_LENGTH_READ;
  private static final long PAGE = 0x000f_ffff_ffff_f000L;
  private static final int REASON_SHIFT = 52;

  private Translation() {}

  /// The page at `hpa` with `rights`, bits of [Rights].
  public static long of(long hpa, long rights) {
    return hpa & PAGE | rights | PRESENT;
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

  /// Whether `translation` has all of `rights`. The one of a broken table has none.
  public static boolean grants(long translation, int rights) {
    return (translation & rights) == rights;
  }

  /// Its bits of [Rights].
  public static long rights(long translation) {
    return translation & RIGHTS;
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
