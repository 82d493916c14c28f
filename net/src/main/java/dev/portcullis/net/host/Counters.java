package dev.portcullis.net.host;

import java.util.concurrent.atomic.LongAdder;

/// Counts for [HostStatistics], from any thread.
final class Counters {
  private final LongAdder in = new LongAdder();
  private final LongAdder out = new LongAdder();
  private final LongAdder dropped = new LongAdder();
  private final LongAdder overflowed = new LongAdder();
  private final LongAdder resent = new LongAdder();

  Counters() {}

  void in() {
    in.increment();
  }

  void out() {
    out.increment();
  }

  void dropped() {
    dropped.increment();
  }

  void overflowed() {
    overflowed.increment();
  }

  void resent(long segments) {
    resent.add(segments);
  }

  HostStatistics statistics() {
    return new HostStatistics(in.sum(), out.sum(), dropped.sum(), overflowed.sum(), resent.sum());
  }
}
