package dev.portcullis.management.containment;

import java.util.Arrays;
import java.util.SplittableRandom;

/// Counts keys that are different: as many as it is told, in a table of at most four times as many
/// words.
final class DifferentKeys implements Detector {
  private final int limit;
  private final long withinNanos;

  /// Keys by place; 0 is none. Which place is the key's depends on a number that nobody outside
  /// knows, so that nobody has all keys fall on one.
  private final long[] keys;

  private final long secret = new SplittableRandom().nextLong() | 1;
  private long began;
  private int count;

  DifferentKeys(int limit, long withinNanos) {
    this.limit = limit;
    this.withinNanos = withinNanos;
    this.keys = new long[Integer.highestOneBit(limit) * 4];
  }

  /// @param key not 0
  @Override
  public synchronized boolean count(long nanoTime, long key) {
    if (count == 0 || nanoTime - began > withinNanos) {
      began = nanoTime;
      count = 0;
      Arrays.fill(keys, 0);
    }
    return count < limit && add(key) && ++count == limit;
  }

  private boolean add(long key) {
    long hash = (key ^ key >>> 32) * secret;
    int at = (int) (hash >>> 32) & keys.length - 1;
    while (keys[at] != 0) {
      if (keys[at] == key) {
        return false;
      }
      at = at + 1 & keys.length - 1;
    }
    keys[at] = key;
    return true;
  }
}
