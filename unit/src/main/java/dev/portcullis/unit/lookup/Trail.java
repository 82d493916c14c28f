package dev.portcullis.unit.lookup;

import dev.portcullis.memory.Exchange;
import dev.portcullis.memory.MemoryMap;

/// The entries of one stage that a walk has come by: which flags are due in them, and which
/// pointers to tables may be cached once the flags are there.
///
/// @vtd 3.6 First-Stage Translation
public final class Trail {
  private static final int HIGHEST = 5;

  /// Host physical addresses of the entries, by level.
  private final long[] addresses = new long[HIGHEST + 1];

  private final long[] entries = new long[HIGHEST + 1];
  private final long[] due = new long[HIGHEST + 1];
  private final long[] pointers = new long[HIGHEST + 1];
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
    addresses[level] = hpa;
    entries[level] = entry;
    due[level] = flags & ~entry;
    pointers[level] = pointer;
    if (lowest > HIGHEST) {
      highest = level;
    }
    lowest = level;
  }

  /// Flags that must be set in the entry that maps the page, too.
  public void addToLeaf(long flags) {
    due[lowest] |= flags & ~entries[lowest];
  }

  /// Flags that need not be set in the entry that maps the page after all.
  public void takeFromLeaf(long flags) {
    due[lowest] &= ~flags;
  }

  /// Whether any flag is due at one of `levels`, as bits.
  public boolean owes(int levels) {
    for (int level = lowest; level <= highest; level++) {
      if (due[level] != 0 && (levels >> level & 1) != 0) {
        return true;
      }
    }
    return false;
  }

  /// The entry that maps the page, with the flags that were due.
  public long leaf() {
    return entries[lowest] | due[lowest];
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
    return pointers[level];
  }

  /// Sets the flags due, from the top down.
  ///
  /// @param tally counts them
  public Outcome settle(MemoryMap memory, Tally tally) {
    for (int level = highest; level >= lowest; level--) {
      if (due[level] != 0) {
        long entry = entries[level];
        Exchange exchange = memory.compareAndSet64(addresses[level], entry, entry | due[level]);
        if (exchange != Exchange.EXCHANGED) {
          return exchange == Exchange.ABORTED ? Outcome.FAILED : Outcome.CHANGED;
        }
        tally.updates++;
      }
    }
    return Outcome.DONE;
  }
}
