package dev.portcullis.kit.reference;

import dev.portcullis.kit.register.Facts;

/// A PASID table entry: 512 raw bits.
///
/// @param words lowest first
/// @vtd 9.6 Scalable-Mode PASID Table Entry
record PasidEntry(long[] words) {
  static final int FIRST_STAGE = 1;
  static final int SECOND_STAGE = 2;
  static final int NESTED = 3;
  static final int PASS_THROUGH = 4;

  boolean bit(int bit) {
    return (words[bit / 64] >>> bit % 64 & 1) != 0;
  }

  long field(int msb, int lsb) {
    return words[lsb / 64] >>> lsb % 64 & -1L >>> 63 - msb + lsb;
  }

  boolean isPresent() {
    return bit(0);
  }

  int type() {
    return (int) field(8, 6);
  }

  int levels() {
    return (int) field(4, 2) + 2;
  }

  boolean usesFirstStage() {
    return type() == FIRST_STAGE || type() == NESTED;
  }

  boolean usesSecondStage() {
    return type() == SECOND_STAGE || type() == NESTED;
  }

  /// Whether fields of the second stage are ignored. A type that does not exist ignores none.
  private boolean ignoresSecondStage() {
    return type() == FIRST_STAGE || type() == PASS_THROUGH;
  }

  /// Whether fields of the first stage are ignored. A type that does not exist ignores none.
  private boolean ignoresFirstStage() {
    return type() == SECOND_STAGE || type() == PASS_THROUGH;
  }

  /// Bits that are set and must not be.
  ///
  /// @param permissionTable whether what the entry says of a host permission table counts (HPTE)
  boolean hasReserved(Facts facts, boolean permissionTable) {
    long beyondHost = -1L << facts.hostAddressBits();
    long unusedDomainBits = 0xffffL << facts.domainIdBits() & 0xffff;
    return (words[0] & reservedSecondStage(facts, beyondHost)) != 0
        || (words[1] & (reservedTypes(facts) | unusedDomainBits)) != 0
        || (words[2] & reservedFirstStage(facts, beyondHost)) != 0
        || words[3] != 0
        || (words[4] & reservedPermissions(facts, permissionTable ? beyondHost : 0)) != 0
        || (words[5] & reservedPermissionDomain(facts, permissionTable ? unusedDomainBits : 0)) != 0
        || words[6] != 0
        || words[7] != 0;
  }

  private long reservedSecondStage(Facts facts, long beyondHost) {
    long bits = 0xc20;
    if (!facts.secondStage()) {
      bits |= -4096L | 1 << 9;
      // Linux writes AW in every entry.
      bits |= ignoresSecondStage() ? 0 : 0x1c;
    } else if (!ignoresSecondStage()) {
      bits |= beyondHost;
    }
    return facts.secondStageAccessedDirty() ? bits : bits | 1 << 9;
  }

  private static long reservedTypes(Facts facts) {
    long bits = 0xf87f_0000L;
    if (!facts.memoryTypes()) {
      bits |= 0xffff_ffff_0000_0000L | 1 << 26 | 1 << 25;
    }
    // PWSNP is taken on every unit: Linux sets it always.
    return facts.snoopControl() ? bits : bits | 1 << 24;
  }

  private long reservedFirstStage(Facts facts, long beyondHost) {
    long bits = 0xf02;
    if (!facts.firstStage()) {
      bits |= -4096L | 1 << 4 | 3 << 2;
    } else if (!ignoresFirstStage()) {
      bits |= beyondHost;
    }
    if (!facts.extendedAccessedFlag()) {
      bits |= 1 << 7;
    }
    return facts.supervisorRequests() ? bits : bits | 1;
  }

  private static long reservedPermissions(Facts facts, long beyondHost) {
    return facts.hostPermissionTables() ? 0xff8 | beyondHost : -1;
  }

  private static long reservedPermissionDomain(Facts facts, long unusedDomainBits) {
    return facts.hostPermissionTables() ? ~0xffffL | unusedDomainBits : -1;
  }
}
