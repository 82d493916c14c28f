package dev.portcullis.vmm.fault;

/// How much a function may be told of: a store of events that fills up again with time.
final class Allowance {
  private final Tempo tempo;
  private double left;
  private long filledNanos;
  private long withheld;

  Allowance(Tempo tempo, long nowNanos) {
    this.tempo = tempo;
    this.left = tempo.burst();
    this.filledNanos = nowNanos;
  }

  /// Takes one event out, if there is one left; counts it as withheld otherwise.
  ///
  /// @return whether there was
  boolean take(long nowNanos) {
    fill(nowNanos);
    if (left < 1) {
      withheld++;
      return false;
    }
    left--;
    return true;
  }

  /// How many events have been withheld, once there is room again to say so; else 0.
  long takeWithheld(long nowNanos) {
    fill(nowNanos);
    if (withheld == 0 || left < 1) {
      return 0;
    }
    left--;
    long count = withheld;
    withheld = 0;
    return count;
  }

  private void fill(long nowNanos) {
    long passed = nowNanos - filledNanos;
    left = Math.min(tempo.burst(), left + passed * tempo.perSecond() / 1e9);
    filledNanos = nowNanos;
  }
}
