package dev.portcullis.kit.register;

/// What a unit says of itself, taken apart a second time.
///
/// @param version VER
/// @param capability CAP
/// @param extended ECAP
/// @param hostAddressBits the width no register tells (HAW)
/// @vtd 11.4.2 Capability Register
public record Facts(long version, long capability, long extended, int hostAddressBits) {

  public int majorVersion() {
    return (int) (version >>> 4) & 15;
  }

  public int domainIdBits() {
    return 4 + 2 * (int) (capability & 7);
  }

  public boolean cachingMode() {
    return has(capability, 7);
  }

  /// Whether tables of `levels` levels, 3 to 5, may be used (SAGAW).
  public boolean hasLevels(int levels) {
    return levels >= 3 && levels <= 5 && has(capability, 8 + levels - 2);
  }

  /// Deepest tables that may be used.
  public int mostLevels() {
    return hasLevels(5) ? 5 : hasLevels(4) ? 4 : 3;
  }

  /// Width of a guest address (MGAW) in bits.
  public int guestAddressBits() {
    return 1 + (int) (capability >>> 16 & 63);
  }

  public boolean zeroLengthReads() {
    return has(capability, 22);
  }

  public int faultRecordOffset() {
    return 16 * (int) (capability >>> 24 & 0x3ff);
  }

  /// Whether an entry of `level` may map a page.
  public boolean hasPageAt(int level) {
    return switch (level) {
      case 1 -> true;
      case 2 -> has(capability, 34);
      case 3 -> has(capability, 35);
      default -> false;
    };
  }

  public boolean pageSelective() {
    return has(capability, 39);
  }

  public int faultRecords() {
    return 1 + (int) (capability >>> 40 & 0xff);
  }

  public int maximumAddressMask() {
    return (int) (capability >>> 48 & 0x3f);
  }

  public boolean enhancedRootPointer() {
    return has(capability, 63);
  }

  public boolean queuedInvalidation() {
    return has(extended, 1);
  }

  public boolean deviceTlbs() {
    return has(extended, 2);
  }

  public boolean interruptRemapping() {
    return has(extended, 3);
  }

  /// Whether destinations may have 32 bits (EIM).
  public boolean extendedInterrupts() {
    return has(extended, 4);
  }

  /// Whether they must (EIMER).
  public boolean extendedInterruptsRequired() {
    return has(extended, 61);
  }

  /// Whether nothing passes without remapping (IRREQ).
  public boolean remappingRequired() {
    return has(extended, 62);
  }

  public boolean postedInterrupts() {
    return has(capability, 59);
  }

  public boolean enhancedInterruptTablePointer() {
    return has(capability, 62);
  }

  public boolean passThrough() {
    return has(extended, 6);
  }

  public boolean snoopControl() {
    return has(extended, 7);
  }

  public int invalidateAddressOffset() {
    return 16 * (int) (extended >>> 8 & 0x3ff);
  }

  private static boolean has(long word, int bit) {
    return (word >>> bit & 1) != 0;
  }
}
