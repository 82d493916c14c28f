package dev.portcullis.kit.fault;

import dev.portcullis.pci.PasidPrefix;

/// A fault record, taken apart.
///
/// @param reason fault reason (FR)
/// @param sourceId who asked (SID)
/// @param page page of the address asked for (FI), low 12 bits 0
/// @param type what was asked
/// @param addressType 0 untranslated, 1 translation request, 2 translated (AT); 0 for page requests
/// @param prefix a [PasidPrefix], or none (PP, PV, PRIV, EXE); EXE for reads only
/// @vtd 11.4.7.6 Fault Recording Registers
public record FaultRecord(
    int reason, int sourceId, long page, Type type, int addressType, int prefix) {

  /// Interrupt faults: the first, and the last.
  private static final int FIRST_INTERRUPT = 0x20;

  private static final int LAST_INTERRUPT = 0x2b;

  /// Bits T1 and T2.
  public enum Type {
    WRITE,
    PAGE_REQUEST,
    READ,
    ATOMIC
  }

  /// Without what means nothing in a record of this type.
  public FaultRecord {
    if (type == Type.PAGE_REQUEST) {
      addressType = 0;
    }
    if (type != Type.READ) {
      prefix &= ~PasidPrefix.EXECUTE;
    }
  }

  /// Of an untranslated request without PASID.
  public FaultRecord(int reason, int sourceId, long page, Type type) {
    this(reason, sourceId, page, type, 0, PasidPrefix.NONE);
  }

  /// What an interrupt fault without a valid index says: who, and why. The other fields mean
  /// nothing.
  public static FaultRecord interrupt(int reason, int sourceId) {
    return new FaultRecord(reason, sourceId, 0, Type.WRITE);
  }

  /// What an interrupt fault with a valid index says: FI[63:48] has it.
  public static FaultRecord interrupt(int reason, int sourceId, int index) {
    return new FaultRecord(reason, sourceId, (long) index << 48, Type.WRITE);
  }

  /// The same of a request with `otherPrefix`.
  public FaultRecord with(int otherPrefix) {
    return new FaultRecord(reason, sourceId, page, type, addressType, otherPrefix);
  }

  /// Decodes a record.
  ///
  /// @param lo bits 63 to 0
  /// @param hi bits 127 to 64
  public static FaultRecord of(long lo, long hi) {
    int reason = (int) (hi >>> 32) & 0xff;
    int sourceId = (int) hi & 0xffff;
    if (reason >= FIRST_INTERRUPT && reason <= LAST_INTERRUPT) {
      return hasIndex(reason)
          ? interrupt(reason, sourceId, (int) (lo >>> 48))
          : interrupt(reason, sourceId);
    }
    int type = (int) (hi >>> 62 & 1) << 1 | (int) (hi >>> 28 & 1);
    return new FaultRecord(
        reason,
        sourceId,
        lo & -4096L,
        Type.values()[type],
        (int) (hi >>> 60) & 3,
        prefix((int) hi, (int) (hi >>> 40) & 0xfffff));
  }

  private static int prefix(int bits, int pasid) {
    if ((bits & 1 << 31) == 0) {
      return PasidPrefix.NONE;
    }
    return PasidPrefix.of(pasid)
        | ((bits & 1 << 29) != 0 ? PasidPrefix.PRIVILEGED : 0)
        | ((bits & 1 << 30) != 0 ? PasidPrefix.EXECUTE : 0);
  }

  private static boolean hasIndex(int reason) {
    return switch (reason) {
      case 0x21, 0x22, 0x23, 0x24, 0x26, 0x27, 0x28 -> true;
      default -> false;
    };
  }

  @Override
  public String toString() {
    return "fault %02Xh: %s%s of page %#x by %04x%s"
        .formatted(
            reason,
            switch (addressType) {
              case 0 -> "";
              case 1 -> "translation request, ";
              case 2 -> "translated ";
              default -> "AT 3 ";
            },
            type,
            page,
            sourceId,
            PasidPrefix.isPresent(prefix) ? ", prefix %#x".formatted(prefix) : "");
  }
}
