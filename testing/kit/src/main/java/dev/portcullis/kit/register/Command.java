package dev.portcullis.kit.register;

/// Bits of GCMD, and the bits of GSTS that answer them.
///
/// @vtd 11.4.4 Global Command Register
public final class Command {
  public static final long TE = 1L << 31;
  public static final long SRTP = 1L << 30;
  public static final long WBF = 1L << 27;
  public static final long QIE = 1L << 26;
  public static final long IRE = 1L << 25;
  public static final long SIRTP = 1L << 24;
  public static final long CFI = 1L << 23;

  /// The one-shot bits: they are not written back.
  static final long LEVELS = 0x96ff_ffffL;

  private Command() {}
}
