package dev.portcullis.unit.lookup;

import dev.portcullis.memory.Exchange;
import dev.portcullis.memory.MemoryMap;

/// The entries of one stage that a walk has come by: which flags are due in them, and which
/// pointers to tables may be cached once the flags are there.
///
/// @vtd 3.6 First-Stage Translation
public final class Trail {
  private static final int HIGHEST = 5;
  private static final int ADDRESS = 0;
  private static final int ENTRY = 1;
  private static final int DUE = 2;
  private static final int POINTER = 3;
  private static final int WORDS = 4;

  /// Four words by level, in one cache line or two: where the entry is (host physical), the entry,
  /// the flags due in it, what the caches may remember for it.
  private final long[] words = new long[WORDS * (HIGHEST + 1)];

  private int lowest = HIGHEST + 1;
  private int highest = HIGHEST;

  /// How setting the flags ended.
  public enum Outcome {
    /// They are set.
    DONE,
    /// Software has changed an entry meanwhile: what was read is void.
    CHANGED,
    /// There is no writable memory.
    FAILED
  }

  Trail() {}

  /// Begins a walk.
  public void clear() {
    lowest = HIGHEST + 1;
    highest = HIGHEST;
  }

  /// The walk has read `entry` of `level` at `hpa`.
  ///
  /// @param flags that must be set in it when it is used
  /// @param pointer what the caches may remember for it, or 0
  public void came(int level, long hpa, long entry, long flags, long pointer) {
    int at = WORDS * level;
    words[at + ADDRESS] = hpa;
    words[at + ENTRY] = entry;
    words[at + DUE] = flags & ~entry;
    words[at + POINTER] = pointer;
    if (lowest > HIGHEST) {
      highest = level;
    }
    lowest = level;
  }

  /// Flags that must be set in the entry that maps the page, too.
  public void addToLeaf(long flags) {
    words[WORDS * lowest + DUE] |= flags & ~word(lowest, ENTRY);
  }

  /// Flags that need not be set in the entry that maps the page after all.
  public void takeFromLeaf(long flags) {
    words[WORDS * lowest + DUE] &= ~flags;
  }

  /// Whether any flag is due at one of `levels`, as bits.
  public boolean owes(int levels) {
    for (int level = lowest; level <= highest; level++) {
      if (word(level, DUE) != 0 && (levels >> level & 1) != 0) {
        return true;
      }
    }
    return false;
  }

  /// The entry that maps the page, with the flags that were due.
  public long leaf() {
    return word(lowest, ENTRY) | word(lowest, DUE);
  }

  /// The lowest level the walk came by.
  public int lowest() {
    return lowest;
  }

  /// The highest level the walk came by; below [#lowest] if it came by none.
  public int highest() {
    return highest;
  }

  /// What the caches may remember for a level the walk came by, or 0.
  public long pointer(int level) {
    return word(level, POINTER);
  }

  private long word(int level, int word) {
    return words[WORDS * level + word];
  }

  /// Sets the flags due, from the top down.
  ///
  /// @param tally counts them
  public Outcome settle(MemoryMap memory, Tally tally) {
    for (int level = highest; level >= lowest; level--) {
      long due = word(level, DUE);
      if (due != 0) {
        long entry = word(level, ENTRY);
        Exchange exchange = memory.compareAndSet64(word(level, ADDRESS), entry, entry | due);
        if (exchange != Exchange.EXCHANGED) {
          return exchange == Exchange.ABORTED ? Outcome.FAILED : Outcome.CHANGED;
        }
        tally.updates++;
      }
    }
    return Outcome.DONE;
  }
}
