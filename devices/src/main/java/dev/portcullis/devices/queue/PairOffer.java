package dev.portcullis.devices.queue;

import java.util.List;
import java.util.stream.Stream;

/// What functions with pairs of queues have in common: how many they offer, and the counters.
public final class PairOffer {
  private final int most;
  private final QueueCounter[] counters;
  private volatile int now;
  private volatile int next;

  /// Offers what it is to begin with.
  public PairOffer(QueuePairs pairs) {
    most = pairs.most();
    now = pairs.offered();
    next = now;
    counters = Stream.generate(QueueCounter::new).limit(most).toArray(QueueCounter[]::new);
  }

  public int most() {
    return most;
  }

  /// What is offered.
  public int now() {
    return now;
  }

  /// What is offered after the next reset.
  public int next() {
    return next;
  }

  /// @throws IllegalArgumentException if there cannot be so many
  public void next(int count) {
    if (count < 1 || count > most) {
      throw new IllegalArgumentException("%d of %d pairs of queues".formatted(count, most));
    }
    next = count;
  }

  /// The function is reset.
  public void reset() {
    now = next;
  }

  /// Of pair `index`, the first is 0.
  public QueueCounter counter(int index) {
    return counters[index];
  }

  public List<QueueLoad> loads() {
    return Stream.of(counters).map(QueueCounter::load).toList();
  }
}
