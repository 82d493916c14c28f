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

  // What scalable mode adds.

  public boolean firstStageFiveLevels() {
    return has(capability, 60);
  }

  public boolean firstStageGibiPages() {
    return has(capability, 56);
  }

  public boolean memoryTypes() {
    return has(extended, 25);
  }

  public boolean nested() {
    return has(extended, 26);
  }

  public boolean pageRequests() {
    return has(extended, 29);
  }

  public boolean executeRequests() {
    return has(extended, 30);
  }

  public boolean supervisorRequests() {
    return has(extended, 31);
  }

  public boolean noWriteFlag() {
    return has(extended, 33);
  }

  public boolean extendedAccessedFlag() {
    return has(extended, 34);
  }

  /// Width of a PASID in bits.
  public int pasidBits() {
    return 1 + (int) (extended >>> 35 & 31);
  }

  public boolean pasids() {
    return has(extended, 40);
  }

  public boolean scalableMode() {
    return has(extended, 43);
  }

  public boolean secondStageAccessedDirty() {
    return has(extended, 45);
  }

  public boolean secondStage() {
    return has(extended, 46);
  }

  public boolean firstStage() {
    return has(extended, 47);
  }

  /// Whether walks below a PASID table entry can be snooped.
  public boolean coherentWalks() {
    return has(extended, 48);
  }

  /// Whether requests without PASID have one of their context entry's.
  public boolean requesterPasid() {
    return has(extended, 49);
  }

  public boolean abortMode() {
    return has(extended, 52);
  }

  /// Whether requests without PASID have a privilege of their context entry's.
  public boolean requesterPrivilege() {
    return has(extended, 53);
  }

  public boolean hostPermissionTables() {
    return has(extended, 55);
  }

  public boolean translatedPasids() {
    return has(extended, 56);
  }

  /// Whether second-stage rights can be taken from bits 61 and 62.
  public boolean secondStageIoRights() {
    return has(extended, 57);
  }

  public boolean hostPermissionGibiPages() {
    return has(extended, 59);
  }

  /// Width of the addresses that fault records hold: of the deepest tables of either stage.
  public int recordedAddressBits() {
    if (hasLevels(5) || firstStageFiveLevels()) {
      return 57;
    }
    return hasLevels(4) || firstStage() ? 48 : 39;
  }

  private static boolean has(long word, int bit) {
    return (word >>> bit & 1) != 0;
  }
}
