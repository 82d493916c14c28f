package dev.portcullis.unit.cache;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/// Numbers for the address spaces that the caches tell apart.
///
/// Second-stage tables belong to a domain: its space has the domain-id as its number. First-stage
/// tables belong to a PASID in a domain: such a pair gets a number from 2^16 up when it is first
/// met, and keeps it until a reset, since a request under way may still use it. Pairs that come
/// when all numbers are given out are not cached.
final class Spaces {
  /// The number of tables whose translations are not cached.
  static final int UNCACHED = -1;

  private static final int FIRST = 1 << 16;
  private static final int LIMIT = 1 << 18;
  private static final BitSet NONE = new BitSet(0);

  private final Map<Long, Integer> numbers = new HashMap<>();
  private final Map<Integer, BitSet> ofDomain = new HashMap<>();
  private volatile int next = FIRST;

  Spaces() {}

  /// The number for the first-stage tables of `pasid` in `domain`.
  synchronized int of(int domain, int pasid) {
    Integer known = numbers.get(key(domain, pasid));
    if (known != null) {
      return known;
    }
    if (next == LIMIT) {
      return UNCACHED;
    }
    int number = next;
    next = number + 1;
    numbers.put(key(domain, pasid), number);
    ofDomain.computeIfAbsent(domain, d -> new BitSet()).set(number);
    return number;
  }

  /// The number for the first-stage tables of `pasid` in `domain`; [#UNCACHED] if it has none.
  synchronized int find(int domain, int pasid) {
    return numbers.getOrDefault(key(domain, pasid), UNCACHED);
  }

  /// Numbers of all first-stage tables in `domain`; not to be changed.
  BitSet firstStagesOf(int domain) {
    return next == FIRST ? NONE : copyOf(domain);
  }

  private synchronized BitSet copyOf(int domain) {
    BitSet found = ofDomain.get(domain);
    return found == null ? NONE : (BitSet) found.clone();
  }

  /// Takes all numbers back; no request is under way.
  synchronized void reset() {
    numbers.clear();
    ofDomain.clear();
    next = FIRST;
  }

  private static long key(int domain, int pasid) {
    return (long) domain << 20 | pasid;
  }
}
