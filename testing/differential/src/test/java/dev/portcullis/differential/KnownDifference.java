package dev.portcullis.differential;

import dev.portcullis.differential.Situation.Mode;
import java.util.Map;

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

  /// QEMU invalidates all context entries when it is asked for those of a domain, and says so.
  CONTEXTS_OF_DOMAIN {
    @Override
    long mended(String name, long theirs, Situation situation) {
      boolean domain = (theirs & CIRG) == 2L << 61 && (theirs & CAIG) == 1L << 59;
      return name.equals("CCMD") && domain ? theirs & ~CAIG | 2L << 59 : theirs;
    }
  },

  /// QEMU looks at the rights of an entry before its reserved bits, and before it goes on.
  RIGHT_BEFORE_RESERVED {
    @Override
    long mended(String name, long theirs, Situation situation) {
      int reason = reason(theirs);
      boolean right =
          situation.unit() == Mode.FIRST_STAGE
              ? reason == 0x81 || reason == 0x85
              : reason == 0x05 || reason == 0x06;
      return name.equals(RECORD) && situation.rightMissing() && right && isLater(situation)
          ? withReason(theirs, situation.reason())
          : theirs;
    }

    private boolean isLater(Situation situation) {
      return switch (situation.unit()) {
        case LEGACY -> situation.reason() == 0x0c || situation.reason() == 0x07;
        case SECOND_STAGE ->
            situation.reason() == 0x78 || situation.reason() == 0x79 || situation.reason() == 0x7a;
        case FIRST_STAGE -> situation.reason() >= 0x70 && situation.reason() <= 0x81;
      };
    }
  },

  /// QEMU uses the reasons of legacy mode for root and context entries of scalable mode.
  ENTRIES_OF_LEGACY_MODE {
    private static final Map<Integer, Integer> REASONS =
        Map.of(0x08, 0x38, 0x01, 0x39, 0x0a, 0x3a, 0x09, 0x40, 0x02, 0x41, 0x0b, 0x42);

    @Override
    long mended(String name, long theirs, Situation situation) {
      return situation.unit() == Mode.LEGACY ? theirs : mapped(REASONS, name, theirs, situation);
    }
  },

  /// QEMU uses the reasons of legacy mode for second-stage tables in scalable mode.
  TABLES_OF_LEGACY_MODE {
    private static final Map<Integer, Integer> REASONS =
        Map.of(0x03, 0x7b, 0x07, 0x78, 0x0c, 0x7a, 0x04, 0x84, 0x05, 0x85, 0x06, 0x86);

    @Override
    long mended(String name, long theirs, Situation situation) {
      return situation.unit() == Mode.SECOND_STAGE
          ? mapped(REASONS, name, theirs, situation)
          : theirs;
    }
  },

  /// QEMU knows no reason of its own for a second-stage entry that grants nothing.
  NOTHING_GRANTED {
    private static final Map<Integer, Integer> REASONS = Map.of(0x05, 0x79, 0x06, 0x79);

    @Override
    long mended(String name, long theirs, Situation situation) {
      return situation.unit() == Mode.SECOND_STAGE
          ? mapped(REASONS, name, theirs, situation)
          : theirs;
    }
  },

  /// QEMU notes in an entry that a request has used it before it knows that the request passes.
  ACCESSED_WHEN_REFUSED {
    @Override
    long mended(String name, long theirs, Situation situation) {
      return name.equals(Image.MET) ? theirs & ~(ACCESSED | DIRTY) : theirs;
    }
  },

  /// QEMU notes a write only in an entry that nobody has used before.
  DIRTY_WHEN_FIRST_USED {
    @Override
    long mended(String name, long theirs, Situation situation) {
      return name.equals(Image.WRITTEN) ? theirs | DIRTY : theirs;
    }
  },

  /// QEMU looks at the type of a PASID entry before it looks whether the entry is present.
  TYPE_BEFORE_PRESENCE {
    private static final Map<Integer, Integer> REASONS = Map.of(0x5b, 0x59);

    @Override
    long mended(String name, long theirs, Situation situation) {
      return mapped(REASONS, name, theirs, situation);
    }
  };

  static final String RECORD = "FRCD high";

  private static final long FR = 0xffL << 32;
  private static final long ACCESSED = 1 << 5;
  private static final long DIRTY = 1 << 6;
  private static final long CIRG = 3L << 61;
  private static final long CAIG = 3L << 59;

  private static int reason(long record) {
    return (int) (record >>> 32) & 0xff;
  }

  private static long withReason(long record, int reason) {
    return record & ~FR | (long) reason << 32;
  }

  /// A record with QEMU's reason replaced by the one that `reasons` has for it, if that is the one
  /// which the architecture has for the request.
  private static long mapped(
      Map<Integer, Integer> reasons, String name, long theirs, Situation situation) {
    int reason = reasons.getOrDefault(reason(theirs), -1);
    return name.equals(RECORD) && reason == situation.reason()
        ? withReason(theirs, reason)
        : theirs;
  }

  /// What QEMU would show at `name` if it did this as the architecture says.
  ///
  /// @param situation of the DMA that the fault record is about; of the newest one otherwise
  abstract long mended(String name, long theirs, Situation situation);
}
