package dev.portcullis.kit.queue;

/// An invalidation descriptor of 128 bits, raw.
///
/// @param lo bits 63 to 0
/// @param hi bits 127 to 64
/// @vtd 6.5.2 Queued Invalidation Interface
public record Descriptor(long lo, long hi) {
  private static final int CONTEXT = 1;
  private static final int IOTLB = 2;
  private static final int WAIT = 5;

  private static final long GLOBAL = 1 << 4;
  private static final long DOMAIN = 2 << 4;
  private static final long FINE = 3 << 4;

  /// Drain writes, drain reads, of an IOTLB descriptor.
  private static final long DRAIN = 1 << 6 | 1 << 7;

  public static Descriptor contextGlobal() {
    return new Descriptor(CONTEXT | GLOBAL, 0);
  }

  public static Descriptor contextDomain(int did) {
    return new Descriptor(CONTEXT | DOMAIN | (long) did << 16, 0);
  }

  /// @param functionMask 0 to 3: how many bits of the function number do not count, top ones first
  public static Descriptor contextDevice(int did, int sourceId, int functionMask) {
    return new Descriptor(
        CONTEXT | FINE | (long) did << 16 | (long) sourceId << 32 | (long) functionMask << 48, 0);
  }

  public static Descriptor iotlbGlobal() {
    return new Descriptor(IOTLB | GLOBAL | DRAIN, 0);
  }

  public static Descriptor iotlbDomain(int did) {
    return new Descriptor(IOTLB | DOMAIN | DRAIN | (long) did << 16, 0);
  }

  /// @param addressMask 2^this pages
  public static Descriptor iotlbPages(int did, long iova, int addressMask, Hint hint) {
    return new Descriptor(
        IOTLB | FINE | DRAIN | (long) did << 16, iova & -4096L | addressMask | hint.bit());
  }

  /// A wait with none of its flags.
  public static Descriptor plainWait() {
    return new Descriptor(WAIT, 0);
  }

  /// A wait that writes `data` to the doubleword at `hpa`.
  public static Descriptor waitStatus(long hpa, int data) {
    return new Descriptor(WAIT | 1 << 5 | (long) data << 32, hpa);
  }

  /// A wait that raises the invalidation event.
  public static Descriptor waitInterrupt() {
    return new Descriptor(WAIT | 1 << 4, 0);
  }

  /// This descriptor and what `other` sets, too.
  public Descriptor or(Descriptor other) {
    return new Descriptor(lo | other.lo, hi | other.hi);
  }

  /// This descriptor with one bit more.
  ///
  /// @param bit 0 to 127
  public Descriptor with(int bit) {
    return bit < 64 ? new Descriptor(lo | 1L << bit, hi) : new Descriptor(lo, hi | 1L << bit - 64);
  }

  @Override
  public String toString() {
    return "%016x:%016x".formatted(hi, lo);
  }

  /// What software says it changed: the field IH.
  public enum Hint {
    ANY_ENTRY,
    LEAF_ONLY;

    long bit() {
      return this == LEAF_ONLY ? 1 << 6 : 0;
    }
  }
}
