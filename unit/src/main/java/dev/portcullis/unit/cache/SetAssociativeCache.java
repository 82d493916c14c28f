package dev.portcullis.unit.cache;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.BitSet;

/// A map from (space, page number) to a word, with four places for each set. A space is a domain,
/// or a PASID in a domain, see [Spaces].
///
/// ```
///   tag   63  62              45 44                         0
///        +---+------------------+----------------------------+
///        | 1 |      space       |        page number         |
///        +---+------------------+----------------------------+
/// ```
///
/// A set is four pairs of tag and word, 64 bytes, and a version: odd while the set is changed. The
/// set of an entry follows from its tag alone, so that removing one page looks at one set.
final class SetAssociativeCache {
  private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(long[].class);
  private static final VarHandle VERSION = MethodHandles.arrayElementVarHandle(int[].class);

  private static final int WAYS = 4;
  private static final int SET_LONGS = 2 * WAYS;
  private static final long VALID = Long.MIN_VALUE;
  private static final int SPACE_SHIFT = 45;
  private static final long PAGE_MASK = (1L << SPACE_SHIFT) - 1;
  private static final long SPACE_MASK = 0x3_ffffL << SPACE_SHIFT;
  private static final int SPINS = 100;

  /// What [#lookup] answers when there is no entry; no entry's word is 0.
  static final long MISS = 0;

  private final long[] words;
  private final int[] versions;
  private final int setBits;
  private final Epoch epoch;

  /// Whether there ever was an entry: saves the lookup for page sizes that nobody uses.
  private volatile boolean used;

  /// An empty cache with room for `entries`, a power of two of at least 4.
  SetAssociativeCache(int entries, Epoch epoch) {
    int sets = entries / WAYS;
    this.words = new long[sets * SET_LONGS];
    this.versions = new int[sets];
    this.setBits = Math.max(1, Integer.numberOfTrailingZeros(sets));
    this.epoch = epoch;
  }

  boolean isUsed() {
    return used;
  }

  /// The word of `page` (at most 45 bits) in `space` (18 bits), or [#MISS].
  long lookup(int space, long page) {
    long tag = tag(space, page);
    int set = set(tag);
    int at = set * SET_LONGS;
    int version = (int) VERSION.getAcquire(versions, set);
    long word;
    if ((long) WORD.getAcquire(words, at) == tag) {
      word = (long) WORD.getAcquire(words, at + 1);
    } else if ((long) WORD.getAcquire(words, at + 2) == tag) {
      word = (long) WORD.getAcquire(words, at + 3);
    } else if ((long) WORD.getAcquire(words, at + 4) == tag) {
      word = (long) WORD.getAcquire(words, at + 5);
    } else if ((long) WORD.getAcquire(words, at + 6) == tag) {
      word = (long) WORD.getAcquire(words, at + 7);
    } else {
      return MISS;
    }
    // A set that is being changed may pair a tag with another one's word.
    boolean torn = (version & 1) != 0 || (int) VERSION.getAcquire(versions, set) != version;
    return torn ? MISS : word;
  }

  /// Remembers `word` for `page` in `space`, unless an invalidation has begun since
  /// `walkedInEpoch`, or the set is being changed: caching is never due.
  void fill(int space, long page, long word, long walkedInEpoch) {
    if (!used) {
      used = true;
    }
    long tag = tag(space, page);
    int set = set(tag);
    int version = (int) VERSION.getVolatile(versions, set);
    if ((version & 1) != 0 || !VERSION.compareAndSet(versions, set, version, version + 1)) {
      return;
    }
    // Checked with the set in hand: an invalidation that begins now finds the entry and removes it.
    if (epoch.current() == walkedInEpoch) {
      int at = victim(tag, set * SET_LONGS, version >>> 1);
      WORD.setRelease(words, at, tag);
      WORD.setRelease(words, at + 1, word);
    }
    VERSION.setRelease(versions, set, version + 2);
  }

  /// The pair that `tag` has already, else a free one, else each in turn.
  private int victim(long tag, int first, int turn) {
    int place = first + 2 * (turn & WAYS - 1);
    for (int at = first + SET_LONGS - 2; at >= first; at -= 2) {
      if (words[at] == tag) {
        return at;
      }
      if (words[at] == 0) {
        place = at;
      }
    }
    return place;
  }

  /// Forgets everything.
  void removeAll() {
    removeMatching(VALID, VALID);
  }

  /// Forgets what belongs to `space`.
  void removeSpace(int space) {
    removeMatching(VALID | SPACE_MASK, tag(space, 0));
  }

  /// Forgets what belongs to any of `spaces`.
  void removeSpaces(BitSet spaces) {
    if (used && !spaces.isEmpty()) {
      for (int set = 0; set < versions.length; set++) {
        removeFromSet(set, spaces);
      }
    }
  }

  /// Forgets the pages of `space` from `page` on that differ from it in the low `pageLog2` bits
  /// only.
  void removePages(int space, long page, int pageLog2) {
    if (!used) {
      return;
    }
    long low = pageLog2 >= SPACE_SHIFT ? PAGE_MASK : (1L << pageLog2) - 1;
    long first = page & PAGE_MASK & ~low;
    if (low >= versions.length) {
      removeMatching(~low, tag(space, first));
      return;
    }
    for (long i = 0; i <= low; i++) {
      long tag = tag(space, first + i);
      removeFromSet(set(tag), -1L, tag);
    }
  }

  private void removeMatching(long mask, long value) {
    if (used) {
      for (int set = 0; set < versions.length; set++) {
        removeFromSet(set, mask, value);
      }
    }
  }

  private void removeFromSet(int set, long mask, long value) {
    int version = (int) VERSION.getVolatile(versions, set);
    if ((version & 1) == 0 && !holds(set, mask, value)) {
      // Nobody was filling the set while we looked, and whoever begins now sees the new epoch.
      if ((int) VERSION.getVolatile(versions, set) == version) {
        return;
      }
    }
    version = seize(set);
    for (int at = set * SET_LONGS; at < (set + 1) * SET_LONGS; at += 2) {
      if ((words[at] & mask) == value) {
        WORD.setRelease(words, at, 0L);
      }
    }
    VERSION.setRelease(versions, set, version + 2);
  }

  private void removeFromSet(int set, BitSet spaces) {
    int version = seize(set);
    for (int at = set * SET_LONGS; at < (set + 1) * SET_LONGS; at += 2) {
      if (words[at] != 0 && spaces.get((int) ((words[at] & SPACE_MASK) >>> SPACE_SHIFT))) {
        WORD.setRelease(words, at, 0L);
      }
    }
    VERSION.setRelease(versions, set, version + 2);
  }

  private boolean holds(int set, long mask, long value) {
    for (int at = set * SET_LONGS; at < (set + 1) * SET_LONGS; at += 2) {
      if (((long) WORD.getAcquire(words, at) & mask) == value) {
        return true;
      }
    }
    return false;
  }

  /// Waits for the set's turn; whoever has it makes a few stores.
  private int seize(int set) {
    for (int tries = 0; ; tries++) {
      int version = (int) VERSION.getVolatile(versions, set);
      if ((version & 1) == 0 && VERSION.compareAndSet(versions, set, version, version + 1)) {
        return version;
      }
      if (tries < SPINS) {
        Thread.onSpinWait();
      } else {
        Thread.yield();
      }
    }
  }

  private static long tag(int space, long page) {
    return VALID | (long) space << SPACE_SHIFT | page;
  }

  /// Neighbouring pages lie in neighbouring sets; equal pages of different spaces, and pages a
  /// power of two apart, do not share one.
  private int set(long tag) {
    int page = (int) (tag ^ tag >>> setBits);
    int space = (int) (tag >>> SPACE_SHIFT) * 0x9e3779b1;
    return (page ^ space ^ space >>> 16) & versions.length - 1;
  }
}
