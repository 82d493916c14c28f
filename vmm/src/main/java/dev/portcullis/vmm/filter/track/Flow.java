package dev.portcullis.vmm.filter.track;

/// A connection.
final class Flow {
  private static final long SECOND = 1_000_000_000;

  /// Where a connection is in its life; what is not TCP is open from the beginning.
  enum Phase {
    OPENING(60),
    /// As long as RFC 5382 wants: keep-alives come every two hours.
    OPEN(7_440),
    CLOSING(120),
    RESET(10),
    /// Nobody has answered yet.
    ASKED(30),
    ANSWERED(120),
    /// Of a protocol that we know nothing of.
    OTHER(600);

    private final long nanos;

    Phase(long seconds) {
      nanos = seconds * SECOND;
    }
  }

  private final String origin;
  private volatile Phase phase;
  private volatile boolean answered;
  private volatile long seenNanos;

  Flow(String origin, Phase phase, long nowNanos) {
    this.origin = origin;
    this.phase = phase;
    this.seenNanos = nowNanos;
  }

  /// The port whose share it counts to.
  String origin() {
    return origin;
  }

  Phase phase() {
    return phase;
  }

  boolean isAnswered() {
    return answered;
  }

  /// Whether a new connection between the same two may take its place.
  boolean isEnding() {
    return phase == Phase.CLOSING || phase == Phase.RESET;
  }

  boolean isOver(long nowNanos) {
    return nowNanos - seenNanos > phase.nanos;
  }

  void seen(long nowNanos) {
    seenNanos = nowNanos;
  }

  void answered() {
    answered = true;
  }

  void enter(Phase next) {
    phase = next;
  }
}
