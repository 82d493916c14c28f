package dev.portcullis.differential;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/// Holds what was seen on our side against what was seen on QEMU's.
final class Comparison {
  private static final long FAULT = 1L << 63;

  private final Map<KnownDifference, Integer> met = new EnumMap<>(KnownDifference.class);
  private long record;
  private Situation recorded;

  /// Nothing met yet.
  Comparison() {}

  /// How often each known difference was met.
  Map<KnownDifference, Integer> met() {
    return met;
  }

  /// The first difference that is not known, in words; empty if there is none.
  String firstDifference(List<Observation> ours, List<Observation> theirs) {
    if (ours.size() != theirs.size()) {
      return "%d observations here, %d there".formatted(ours.size(), theirs.size());
    }
    for (int i = 0; i < ours.size(); i++) {
      Observation here = ours.get(i);
      Observation there = theirs.get(i);
      long mended = mend(there);
      if (!here.name().equals(there.name()) || here.value() != mended) {
        return "after \"%s\": %s is %#x here, %#x there%s; decided %s%n%s"
            .formatted(
                here.step(),
                here.name(),
                here.value(),
                there.value(),
                mended == there.value() ? "" : " (mended to %#x)".formatted(mended),
                here.situation(),
                before(ours, i));
      }
    }
    return "";
  }

  private long mend(Observation there) {
    if (there.name().equals(KnownDifference.RECORD)) {
      boolean isNew = (there.value() & FAULT) != 0 && there.value() != record;
      if (isNew) {
        recorded = there.situation();
      }
      record = there.value();
    }
    Situation situation =
        there.name().equals(KnownDifference.RECORD) && recorded != null
            ? recorded
            : there.situation();
    long value = there.value();
    for (KnownDifference known : KnownDifference.values()) {
      long mended = known.mended(there.name(), value, situation);
      if (mended != value) {
        met.merge(known, 1, Integer::sum);
      }
      value = mended;
    }
    return value;
  }

  private static String before(List<Observation> seen, int end) {
    StringBuilder text = new StringBuilder();
    String step = "";
    for (int i = Math.max(0, end - 120); i < end; i++) {
      if (!seen.get(i).step().equals(step)) {
        step = seen.get(i).step();
        text.append("  ").append(step).append('\n');
      }
    }
    return text.toString();
  }
}
