package dev.portcullis.unit.monitor;

import dev.portcullis.unit.lookup.Tally;

/// What can be counted: groups of events, each event a bit.
///
/// @vtd 11.4.13 Performance Monitoring Registers
final class Counted {
  private static final int REQUESTS = 0;
  private static final int ACCESSES = 1;
  private static final int LOOKUPS = 2;
  private static final int LEAF_LOOKUPS = 3;
  private static final int INTERRUPTS = 4;

  /// Requests; and of group 1 memory reads, updates of flags, page requests, page-request
  /// overflows. Time is not counted: a model has none.
  private static final long[] EVENTS = {0b10, 0b1100_1001, 0b1111_1111, 0b1111, 0b111};

  static final int EVERY_LEVEL = 0b11111;

  private Counted() {}

  /// The events of `group` this unit counts: a bit for each.
  static long events(int group) {
    return group < EVENTS.length ? EVENTS[group] : 0;
  }

  /// Whether the events of `group` tell requests apart by domain and PASID.
  static boolean knowsPasid(int group) {
    return group != INTERRUPTS;
  }

  /// Whether the event tells address types apart.
  static boolean knowsAddressType(int group, long event) {
    return group == REQUESTS || group == LEAF_LOOKUPS && event > 2;
  }

  /// Whether the event tells levels apart.
  static boolean knowsLevel(int group, long event) {
    return group == LOOKUPS && (event == 1 << 5 || event == 1 << 7)
        || group == LEAF_LOOKUPS && event == 1 << 1;
  }

  /// How often the events `selected` of `group` happened in a request.
  ///
  /// @param levels the levels that count, a bit for each from level 1
  static long in(Tally tally, int group, long selected, int levels) {
    return switch (group) {
      case REQUESTS -> selected(selected, 1) ? 1 : 0;
      case ACCESSES ->
          (selected(selected, 0) ? tally.memoryReads : 0)
              + (selected(selected, 3) ? tally.updates : 0);
      case LOOKUPS -> lookups(tally, selected, levels);
      case LEAF_LOOKUPS ->
          (selected(selected, 0) ? tally.iotlbLookups : 0)
              + (selected(selected, 1) && counts(tally.iotlbHitLevel, levels) ? 1 : 0)
              + (selected(selected, 2) ? tally.permissionLookups : 0)
              + (selected(selected, 3) ? tally.permissionHits : 0);
      default -> 0;
    };
  }

  private static long lookups(Tally tally, long selected, int levels) {
    return (selected(selected, 0) ? tally.contextLookups : 0)
        + (selected(selected, 1) ? tally.contextHits : 0)
        + (selected(selected, 2) ? tally.pasidLookups : 0)
        + (selected(selected, 3) ? tally.pasidHits : 0)
        + (selected(selected, 4) ? tally.secondStageLookups : 0)
        + (selected(selected, 5) ? sum(tally.secondStageHits, levels) : 0)
        + (selected(selected, 6) ? tally.firstStageLookups : 0)
        + (selected(selected, 7) ? sum(tally.firstStageHits, levels) : 0);
  }

  private static long sum(int[] byLevel, int levels) {
    long sum = 0;
    for (int level = 1; level < byLevel.length; level++) {
      sum += counts(level, levels) ? byLevel[level] : 0;
    }
    return sum;
  }

  private static boolean counts(int level, int levels) {
    return level > 0 && (levels >> level - 1 & 1) != 0;
  }

  private static boolean selected(long events, int bit) {
    return (events >>> bit & 1) != 0;
  }
}
