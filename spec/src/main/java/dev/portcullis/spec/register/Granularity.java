package dev.portcullis.spec.register;

import java.util.Optional;

/// How much an invalidation takes: the two-bit code of registers and descriptors alike.
///
/// @vtd 6.5.1.1 Context Command Register
public enum Granularity {
  GLOBAL(1),
  DOMAIN(2),
  /// One device for the context cache, a range of pages of one domain for the IOTLB.
  SELECTIVE(3);

  private final int code;

  Granularity(int code) {
    this.code = code;
  }

  /// The two bits.
  public int code() {
    return code;
  }

  /// What the two bits `code` mean; empty for the reserved 0.
  public static Optional<Granularity> of(int code) {
    return switch (code) {
      case 1 -> Optional.of(GLOBAL);
      case 2 -> Optional.of(DOMAIN);
      case 3 -> Optional.of(SELECTIVE);
      default -> Optional.empty();
    };
  }
}
