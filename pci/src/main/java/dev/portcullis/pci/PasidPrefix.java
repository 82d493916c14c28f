package dev.portcullis.pci;

/// The PASID prefix of a request, as an `int`, so that the way of a request needs no object for it;
/// 0 when there is none.
///
/// ```
///   31    23   22       21         20      19          0
///  +--------+-------+----------+---------+--------------+
///  |    0   |PRESENT|PRIVILEGED| EXECUTE |    PASID     |
///  +--------+-------+----------+---------+--------------+
/// ```
///
/// @pcie 6.20 PASID TLP Prefix
public final class PasidPrefix {
  /// A request without PASID.
  public static final int NONE = 0;

  /// Privileged Mode Requested.
  public static final int PRIVILEGED = 1 << 21;

  /// Execute Requested.
  public static final int EXECUTE = 1 << 20;

  /// Largest PASID.
  public static final int LARGEST = (1 << 20) - 1;

  private static final int PRESENT = 1 << 22;

  private PasidPrefix() {}

  /// The prefix with `pasid` (20 bits), neither privileged nor for execution.
  public static int of(int pasid) {
    return PRESENT | pasid & LARGEST;
  }

  /// Whether there is a prefix.
  public static boolean isPresent(int prefix) {
    return (prefix & PRESENT) != 0;
  }

  /// The PASID, 20 bits; 0 without a prefix.
  public static int pasid(int prefix) {
    return prefix & LARGEST;
  }

  /// Whether privileged mode is requested.
  public static boolean isPrivileged(int prefix) {
    return (prefix & PRIVILEGED) != 0;
  }

  /// Whether the right to execute is requested.
  public static boolean isExecute(int prefix) {
    return (prefix & EXECUTE) != 0;
  }
}
