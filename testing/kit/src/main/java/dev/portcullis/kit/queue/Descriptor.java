package dev.portcullis.kit.queue;

/// An invalidation descriptor, raw; in a queue of 256-bit descriptors the rest is 0.
///
/// @param lo bits 63 to 0
/// @param hi bits 127 to 64
/// @vtd 6.5.2 Queued Invalidation Interface
public record Descriptor(long lo, long hi) {
  private static final int CONTEXT = 1;
  private static final int IOTLB = 2;
  private static final int DEVICE_TLB = 3;
  private static final int INTERRUPTS = 4;
  private static final int WAIT = 5;
  private static final int PASID_IOTLB = 6;
  private static final int PASIDS = 7;
  private static final int PASID_DEVICE_TLB = 8;
  private static final int RESPONSE = 9;
  private static final int PERMISSIONS = 10;

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

  /// Asks device `sourceId` to forget.
  ///
  /// @param range first page, with bit 0 set where the size is coded in the address
  public static Descriptor deviceTlb(int sourceId, long range) {
    return new Descriptor(DEVICE_TLB | (long) sourceId << 32, range);
  }

  /// Asks device `sourceId` to forget what it knows of `pasid`.
  ///
  /// @param range first page, with bit 11 set where the size is coded in the address
  public static Descriptor pasidDeviceTlb(int sourceId, int pasid, long range) {
    return new Descriptor(PASID_DEVICE_TLB | (long) sourceId << 16 | (long) pasid << 32, range);
  }

  public static Descriptor interruptsGlobal() {
    return new Descriptor(INTERRUPTS, 0);
  }

  /// @param indexMask 2^this entries
  public static Descriptor interrupts(int index, int indexMask) {
    return new Descriptor(INTERRUPTS | 1 << 4 | (long) indexMask << 27 | (long) index << 32, 0);
  }

  public static Descriptor pasidIotlb(int did, int pasid) {
    return new Descriptor(PASID_IOTLB | DOMAIN | (long) did << 16 | (long) pasid << 32, 0);
  }

  /// @param addressMask 2^this pages
  public static Descriptor pasidIotlbPages(
      int did, int pasid, long iova, int addressMask, Hint hint) {
    return new Descriptor(
        PASID_IOTLB | FINE | (long) did << 16 | (long) pasid << 32,
        iova & -4096L | addressMask | hint.bit());
  }

  public static Descriptor pasidsGlobal() {
    return new Descriptor(PASIDS | FINE, 0);
  }

  public static Descriptor pasidsDomain(int did) {
    return new Descriptor(PASIDS | (long) did << 16, 0);
  }

  public static Descriptor pasid(int did, int pasid) {
    return new Descriptor(PASIDS | GLOBAL | (long) did << 16 | (long) pasid << 32, 0);
  }

  /// Answers a group of page requests without PASID.
  ///
  /// @param code 0 success, 1 invalid request, 15 failure
  public static Descriptor response(int requesterId, int group, int code) {
    return new Descriptor(
        RESPONSE | (long) code << 12 | (long) requesterId << 16, (long) group << 3);
  }

  /// The same with a PASID.
  public static Descriptor response(int requesterId, int pasid, int group, int code) {
    return response(requesterId, group, code).or(new Descriptor(1 << 4 | (long) pasid << 32, 0));
  }

  public static Descriptor permissionsGlobal() {
    return new Descriptor(PERMISSIONS | GLOBAL, 0);
  }

  /// @param levels 1 to 4: what levels changed
  public static Descriptor permissionsDomain(int did, int levels) {
    return new Descriptor(PERMISSIONS | DOMAIN | (long) did << 16, levels - 1L << 6);
  }

  /// @param addressMask 2^this pages
  /// @param levels 1 to 4: what levels changed
  public static Descriptor permissionPages(int did, long hpa, int addressMask, int levels) {
    return new Descriptor(
        PERMISSIONS | FINE | (long) did << 16, hpa & -4096L | addressMask | levels - 1L << 6);
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
