package dev.portcullis.unit.cache;

import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Predicate;

/// PASID table entries by requester and PASID, one place for each.
///
/// @vtd 6.2.4 PASID-cache
public final class PasidCache {
  private final AtomicReferenceArray<Pasid> places;
  private final int mask;
  private final Epoch epoch;

  PasidCache(int entries, Epoch epoch) {
    this.places = new AtomicReferenceArray<>(entries);
    this.mask = entries - 1;
    this.epoch = epoch;
  }

  /// The entry of `pasid` of `sourceId`, or `null`.
  public Pasid lookup(int sourceId, int pasid) {
    Pasid found = places.getAcquire(place(sourceId, pasid));
    return found != null && found.isOf(sourceId, pasid) ? found : null;
  }

  /// Remembers `entry`.
  ///
  /// @param readInEpoch the epoch before it was read from memory
  public synchronized void fill(Pasid entry, long readInEpoch) {
    if (epoch.current() == readInEpoch) {
      places.setRelease(place(entry.sourceId, entry.pasid), entry);
    }
  }

  void removeAll() {
    removeIf(entry -> true);
  }

  void removeDomain(int domain) {
    removeIf(entry -> entry.domain == domain);
  }

  void remove(int domain, int pasid) {
    removeIf(entry -> entry.domain == domain && entry.pasid == pasid);
  }

  private synchronized void removeIf(Predicate<Pasid> condition) {
    for (int i = 0; i <= mask; i++) {
      Pasid entry = places.getPlain(i);
      if (entry != null && condition.test(entry)) {
        places.setRelease(i, null);
      }
    }
  }

  private int place(int sourceId, int pasid) {
    int hash = (sourceId << 4 ^ pasid) * 0x9e3779b1;
    return hash >>> 12 & mask;
  }
}
