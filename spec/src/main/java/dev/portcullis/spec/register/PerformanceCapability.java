package dev.portcullis.spec.register;

import static dev.portcullis.spec.register.PerformanceRegisters.CS;
import static dev.portcullis.spec.register.PerformanceRegisters.CW;
import static dev.portcullis.spec.register.PerformanceRegisters.EGCNT;
import static dev.portcullis.spec.register.PerformanceRegisters.NCNTR;

import dev.portcullis.spec.BitField;
import java.util.List;

/// What the registers say that announce counters: how many, what each can do, and where they are.
///
/// @param word the PERFCAP register
/// @param configurations PERFCFGOFF: bytes from the base of the window to the first counter's
///   configuration, a multiple of 256
/// @param freezes PERFFRZOFF: bytes to the freeze status, a multiple of 8
/// @param overflows PERFOVFOFF: bytes to the overflow status, a multiple of 8
/// @param counters PERFCNTROFF: bytes to the first counter, a multiple of the stride
/// @param events PERFEVNTCAP: for each event group, from 0 on, the events that are counted
/// @vtd 11.4.13 Performance Monitoring Registers
public record PerformanceCapability(
    long word, int configurations, int freezes, int overflows, int counters, List<Long> events) {
  /// Eight counters of 48 bits with all filters, which freeze and interrupt on overflow.
  public static final PerformanceCapability STANDARD =
      new PerformanceCapability(
          0x0007_001f_0530_0008L,
          0x2000,
          0x2800,
          0x2808,
          0x4000,
          List.of(0b10L, 0b1100_1001L, 0b1111_1111L, 0b1111L, 0b111L));

  /// As many counters as one freeze and one overflow status register have bits for.
  public static final int MOST_COUNTERS = 64;

  /// As many event groups as there are capability registers for.
  public static final int MOST_GROUPS = 15;

  private static final int CONFIGURATION_BYTES = 0x100;

  public PerformanceCapability {
    events = List.copyOf(events);
    demandClear("PERFCAP", word, PerformanceRegisters.PERFCAP.reserved());
    int number = NCNTR.intOf(word);
    int width = CW.intOf(word);
    int groups = EGCNT.intOf(word);
    int stride = strideOf(word);
    demand(number <= MOST_COUNTERS, "PERFCAP.NCNTR " + number + ": 0 to " + MOST_COUNTERS);
    demand(number == 0 || width >= 1 && width <= 64, "PERFCAP.CW " + width + ": 1 to 64 bits");
    demand(number == 0 || groups > 0, "PERFCAP.EGCNT 0: counters that count nothing");
    demand(groups <= MOST_GROUPS, "PERFCAP.EGCNT " + groups + ": 0 to " + MOST_GROUPS);
    demand(
        events.size() <= groups,
        "PERFEVNTCAP: events of %d groups, PERFCAP.EGCNT says %d".formatted(events.size(), groups));
    for (long group : events) {
      demandClear("PERFEVNTCAP", group, ~PerformanceRegisters.EVENTS.mask());
    }
    demandMultiple("PERFCFGOFF", configurations, CONFIGURATION_BYTES);
    demandMultiple("PERFFRZOFF", freezes, 8);
    demandMultiple("PERFOVFOFF", overflows, 8);
    demandMultiple("PERFCNTROFF", counters, stride);
  }

  /// Whether PERFCAP says `feature`.
  public boolean has(BitField feature) {
    return feature.isSet(word);
  }

  /// How many counters there are, 0 to 64.
  public int number() {
    return NCNTR.intOf(word);
  }

  /// Width of a counter in bits, 1 to 64; 0 where there is none.
  public int widthBits() {
    return CW.intOf(word);
  }

  /// How many event groups there are, 0 to 15.
  public int groups() {
    return EGCNT.intOf(word);
  }

  /// The events of `group` that are counted: a bit for each.
  ///
  /// @param group 0 to 15
  public long eventsOf(int group) {
    return group < events.size() ? events.get(group) : 0;
  }

  /// Bytes from the base of the window to the value of `counter`.
  public int value(int counter) {
    return counters + counter * strideOf(word);
  }

  /// Bytes from the base of the window to the configuration of `counter`.
  public int configuration(int counter) {
    return configurations + counter * CONFIGURATION_BYTES;
  }

  private static int strideOf(long word) {
    return 1 << CS.intOf(word) + 10;
  }

  private static void demandMultiple(String name, int offset, int of) {
    demand(
        offset > 0 && offset % of == 0,
        "%s %#x: a multiple of %#x that is not 0".formatted(name, offset, of));
  }

  private static void demandClear(String name, long word, long reserved) {
    demand(
        (word & reserved) == 0,
        "%s %#x: bits %#x are reserved".formatted(name, word, word & reserved));
  }

  private static void demand(boolean condition, String complaint) {
    if (!condition) {
      throw new IllegalArgumentException(complaint);
    }
  }
}
