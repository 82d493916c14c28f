package dev.portcullis.kit.queue;

import dev.portcullis.kit.Await;
import dev.portcullis.kit.queue.Descriptor.Hint;
import dev.portcullis.kit.register.Offsets;
import dev.portcullis.kit.register.Registers;

/// Invalidation through CCMD, IVA and IOTLB. Each request returns the granularity that the unit
/// reports: 0 if it did nothing, 1 global, 2 domain, 3 device or pages.
///
/// @vtd 6.5.1 Register-based Invalidation Interface
public final class RegisterInvalidation {
  private static final long START = 1L << 63;
  private static final long DRAIN = 3L << 48;

  private final Registers registers;

  public RegisterInvalidation(Registers registers) {
    this.registers = registers;
  }

  public int contextGlobal() {
    return context(1L << 61);
  }

  public int contextDomain(int did) {
    return context(2L << 61 | did);
  }

  public int contextDevice(int did, int sourceId, int functionMask) {
    return context(3L << 61 | (long) functionMask << 32 | (long) sourceId << 16 | did);
  }

  /// Starts what the bits of CCMD below ICC say.
  public int context(long bits) {
    registers.write64(Offsets.CCMD, START | bits);
    Await.until("CCMD done", () -> (registers.read64(Offsets.CCMD) & START) == 0);
    return (int) (registers.read64(Offsets.CCMD) >>> 59) & 3;
  }

  public int iotlbGlobal() {
    return iotlb(1L << 60 | DRAIN);
  }

  public int iotlbDomain(int did) {
    return iotlb(2L << 60 | DRAIN | (long) did << 32);
  }

  public int iotlbPages(int did, long iova, int addressMask, Hint hint) {
    registers.write64(
        registers.iva(), iova & -4096L | addressMask | (hint == Hint.LEAF_ONLY ? 1 << 6 : 0));
    return iotlb(3L << 60 | DRAIN | (long) did << 32);
  }

  /// Starts what the bits of IOTLB below IVT say.
  public int iotlb(long bits) {
    int at = registers.iotlb();
    registers.write64(at, START | bits);
    Await.until("IOTLB done", () -> (registers.read64(at) & START) == 0);
    return (int) (registers.read64(at) >>> 57) & 3;
  }
}
