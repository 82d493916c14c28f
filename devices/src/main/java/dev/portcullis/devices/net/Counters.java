package dev.portcullis.devices.net;

import java.util.concurrent.atomic.LongAdder;

/// Counts for [Statistics], from any thread.
final class Counters {
  private final LongAdder sent = new LongAdder();
  private final LongAdder received = new LongAdder();
  private final LongAdder dropped = new LongAdder();
  private final LongAdder filtered = new LongAdder();
  private final LongAdder blocked = new LongAdder();
  private final LongAdder broken = new LongAdder();

  Counters() {}

  void sent() {
    sent.increment();
  }

  void received() {
    received.increment();
  }

  void dropped() {
    dropped.increment();
  }

  void filtered() {
    filtered.increment();
  }

  /// A turn of a queue has stopped the card.
  void failed(Turn turn) {
    (turn == Turn.BLOCKED ? blocked : broken).increment();
  }

  Statistics statistics() {
    return new Statistics(
        sent.sum(), received.sum(), dropped.sum(), filtered.sum(), blocked.sum(), broken.sum());
  }
}
