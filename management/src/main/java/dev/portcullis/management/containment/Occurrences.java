package dev.portcullis.management.containment;

/// Counts everything.
final class Occurrences implements Detector {
  private final int limit;
  private final long withinNanos;
  private long began;
  private int count;

  Occurrences(int limit, long withinNanos) {
    this.limit = limit;
    this.withinNanos = withinNanos;
  }

  @Override
  public synchronized boolean count(long nanoTime, long key) {
    if (count == 0 || nanoTime - began > withinNanos) {
      began = nanoTime;
      count = 0;
    }
    if (count < limit) {
      count++;
      return count == limit;
    }
    return false;
  }
}
