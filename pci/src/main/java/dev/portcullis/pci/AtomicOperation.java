package dev.portcullis.pci;

/// A read-modify-write of 4 or 8 bytes in memory, in one piece. Carries back what was there before.
///
/// @pcie 6.15 Atomic Operations (AtomicOps)
public final class AtomicOperation {

  /// What becomes of the word.
  public enum Kind {
    /// The operand is added.
    FETCH_ADD,
    /// The operand takes its place.
    SWAP,
    /// The operand takes its place if it is what was expected.
    COMPARE_SWAP
  }

  private final Kind kind;
  private final int widthBytes;
  private final long operand;
  private final long expected;
  private long previous;

  private AtomicOperation(Kind kind, int widthBytes, long operand, long expected) {
    if (widthBytes != 4 && widthBytes != 8) {
      throw new IllegalArgumentException("an atomic operation has 4 or 8 bytes: " + widthBytes);
    }
    this.kind = kind;
    this.widthBytes = widthBytes;
    this.operand = operand & mask(widthBytes);
    this.expected = expected & mask(widthBytes);
  }

  /// Adds `addend` to a word of `widthBytes` (4 or 8) bytes; carries out of it are lost.
  public static AtomicOperation fetchAdd(int widthBytes, long addend) {
    return new AtomicOperation(Kind.FETCH_ADD, widthBytes, addend, 0);
  }

  /// Puts `value` in the place of a word of `widthBytes` (4 or 8) bytes.
  public static AtomicOperation swap(int widthBytes, long value) {
    return new AtomicOperation(Kind.SWAP, widthBytes, value, 0);
  }

  /// Puts `value` in the place of a word of `widthBytes` (4 or 8) bytes that holds `expected`.
  public static AtomicOperation compareSwap(int widthBytes, long expected, long value) {
    return new AtomicOperation(Kind.COMPARE_SWAP, widthBytes, value, expected);
  }

  private static long mask(int widthBytes) {
    return -1L >>> 64 - 8 * widthBytes;
  }

  /// What it does.
  public Kind kind() {
    return kind;
  }

  /// 4 or 8; the address is a multiple of it.
  public int widthBytes() {
    return widthBytes;
  }

  /// What the word is to hold when it holds `before` now.
  public long after(long before) {
    return switch (kind) {
      case FETCH_ADD -> before + operand & mask(widthBytes);
      case SWAP -> operand;
      case COMPARE_SWAP -> before == expected ? operand : before;
    };
  }

  /// What the word held before; meaningful once the operation has succeeded.
  public long previous() {
    return previous;
  }

  /// Notes what the word held: for whoever carries the operation out.
  public void found(long before) {
    previous = before & mask(widthBytes);
  }
}
