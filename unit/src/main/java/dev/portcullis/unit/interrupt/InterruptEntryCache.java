package dev.portcullis.unit.interrupt;

import dev.portcullis.spec.interrupt.InterruptEntry;
import dev.portcullis.unit.cache.Epoch;
import dev.portcullis.unit.observe.InvalidationKind;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;

/// Interrupt remapping entries by index: one place for each, shared by those whose index has the
/// same low bits.
///
/// @vtd 6.2 Caching Translation Information
public final class InterruptEntryCache {

  private record Cached(int index, InterruptEntry entry) {}

  private final Epoch epoch = new Epoch();
  private final AtomicReferenceArray<Cached> places;
  private final int mask;
  private final AtomicLong globalInvalidations = new AtomicLong();
  private final AtomicLong indexInvalidations = new AtomicLong();

  /// An empty cache with room for `entries`, a power of two.
  InterruptEntryCache(int entries) {
    this.places = new AtomicReferenceArray<>(entries);
    this.mask = entries - 1;
  }

  /// The number of the epoch, to be asked for before anything that decides what is read.
  long epoch() {
    return epoch.current();
  }

  /// Entry `index`, or `null`.
  InterruptEntry lookup(int index) {
    Cached found = places.getAcquire(index & mask);
    return found != null && found.index == index ? found.entry : null;
  }

  /// Remembers `entry`, unless an invalidation has begun since `readInEpoch`.
  synchronized void fill(int index, InterruptEntry entry, long readInEpoch) {
    if (epoch.current() == readInEpoch) {
      places.setRelease(index & mask, new Cached(index, entry));
    }
  }

  /// Software drops every entry.
  ///
  /// @vtd 6.5.2.7 Interrupt Entry Cache Invalidate Descriptor
  public void invalidateAll() {
    globalInvalidations.getAndIncrement();
    clear();
  }

  /// Software drops 2^`maskLog2` entries around `index`: the low bits of it do not count.
  ///
  /// @vtd 6.5.2.7 Interrupt Entry Cache Invalidate Descriptor
  public void invalidate(int index, int maskLog2) {
    indexInvalidations.getAndIncrement();
    epoch.advance();
    remove(index, maskLog2);
  }

  private synchronized void remove(int index, int maskLog2) {
    int first = index >>> maskLog2 << maskLog2;
    int count = Math.min(1 << maskLog2, places.length());
    for (int i = 0; i < count; i++) {
      int place = first + i & mask;
      Cached cached = places.getPlain(place);
      if (cached != null && cached.index >>> maskLog2 == index >>> maskLog2) {
        places.setRelease(place, null);
      }
    }
  }

  /// Forgets everything, without software having named it.
  void clear() {
    epoch.advance();
    removeAll();
  }

  private synchronized void removeAll() {
    for (int place = 0; place < places.length(); place++) {
      places.setRelease(place, null);
    }
  }

  /// How often software dropped entries, by kind; kinds that never were are not in it.
  Map<InvalidationKind, Long> invalidations() {
    Map<InvalidationKind, Long> counts = new EnumMap<>(InvalidationKind.class);
    count(counts, InvalidationKind.INTERRUPT_GLOBAL, globalInvalidations.get());
    count(counts, InvalidationKind.INTERRUPT_INDEX, indexInvalidations.get());
    return counts;
  }

  private static void count(Map<InvalidationKind, Long> counts, InvalidationKind kind, long count) {
    if (count > 0) {
      counts.put(kind, count);
    }
  }
}
