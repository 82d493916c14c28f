package dev.portcullis.differential;

import dev.portcullis.differential.Situation.Mode;

/// Where QEMU's unit answers otherwise than the architecture, and ours. Each is a line of
/// `docs/deviations-qemu.md` of the same name.
enum KnownDifference {
  /// QEMU records the bits of an address beyond the width of guest addresses, too.
  ADDRESS_BEYOND_WIDTH {
    @Override
    long mended(String name, long theirs, Situation situation) {
      return name.equals("FRCD low") ? theirs & (1L << 48) - 1 : theirs;
    }
  },

  /// QEMU looks at the rights of a second-stage entry before its reserved bits, and at once.
  RIGHT_BEFORE_RESERVED {
    @Override
    long mended(String name, long theirs, Situation situation) {
      boolean late = situation.reason() == 0x0c || situation.reason() == 0x07;
      boolean right = reason(theirs) == 0x05 || reason(theirs) == 0x06;
      return name.equals(RECORD)
              && situation.unit() == Mode.LEGACY
              && situation.rightMissing()
              && late
              && right
          ? withReason(theirs, situation.reason())
          : theirs;
    }
  },

  /// QEMU invalidates all context entries when it is asked for those of a domain, and says so.
  CONTEXTS_OF_DOMAIN {
    @Override
    long mended(String name, long theirs, Situation situation) {
      boolean domain = (theirs & CIRG) == 2L << 61 && (theirs & CAIG) == 1L << 59;
      return name.equals("CCMD") && domain ? theirs & ~CAIG | 2L << 59 : theirs;
    }
  };

  static final String RECORD = "FRCD high";

  private static final long FR = 0xffL << 32;
  private static final long CIRG = 3L << 61;
  private static final long CAIG = 3L << 59;

  static int reason(long record) {
    return (int) (record >>> 32) & 0xff;
  }

  static long withReason(long record, int reason) {
    return record & ~FR | (long) reason << 32;
  }

  /// What QEMU would show at `name` if it did this as the architecture says.
  ///
  /// @param situation of the DMA that the fault record is about; of the newest one otherwise
  abstract long mended(String name, long theirs, Situation situation);
}
