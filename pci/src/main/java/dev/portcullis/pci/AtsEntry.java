package dev.portcullis.pci;

/// One translation in a translation completion, as a `long`: never negative, since translated
/// addresses have at most 52 bits.
///
/// ```
///   63                         12 11 10 9   5  4    3   2 1 0
///  +-----------------------------+--+--+-----+----+---+-+-+-+
///  |     translated address      | S| N|  0  |PRIV|EXE|U|W|R|
///  +-----------------------------+--+--+-----+----+---+-+-+-+
/// ```
///
/// @pcie 10.2.3 Translation Completion
public final class AtsEntry {
  /// Reads are allowed.
  public static final long R = 1;

  /// Writes are allowed.
  public static final long W = 1 << 1;

  /// The page may only be accessed by untranslated requests.
  public static final long U = 1 << 2;

  /// Execution is allowed.
  public static final long EXE = 1 << 3;

  /// The translation is for privileged requests.
  public static final long PRIV = 1 << 4;

  /// Accesses must be snooped.
  public static final long N = 1 << 10;

  /// The page is larger than 4 KiB: the lowest zero bit of the address tells its size.
  public static final long S = 1 << 11;

  private static final long PAGE = -1L << 12;

  private AtsEntry() {}

  /// The answer to a translation request that ended in another way than with a translation: a
  /// negative number.
  public static long refused(Completion completion) {
    return Long.MIN_VALUE | completion.ordinal();
  }

  /// How a translation request ended whose answer is `answer`.
  public static Completion completion(long answer) {
    if (answer >= 0) {
      return Completion.SUCCESS;
    }
    return answer == refused(Completion.COMPLETER_ABORT)
        ? Completion.COMPLETER_ABORT
        : Completion.UNSUPPORTED_REQUEST;
  }

  /// The page of 2^`pageLog2` bytes around `address`, with `flags`.
  public static long of(long address, int pageLog2, long flags) {
    if (pageLog2 == 12) {
      return address & PAGE | flags;
    }
    long start = address & -1L << pageLog2;
    long ones = (1L << pageLog2 - 1) - (1 << 12);
    return start | ones | S | flags;
  }

  /// Log2 of the size of the page in bytes: 12 or more.
  public static int pageLog2(long entry) {
    return (entry & S) == 0 ? 12 : Long.numberOfTrailingZeros(~(entry >>> 12)) + 13;
  }

  /// First byte of the page.
  public static long page(long entry) {
    return entry & -1L << pageLog2(entry);
  }
}
