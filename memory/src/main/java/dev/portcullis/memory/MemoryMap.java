package dev.portcullis.memory;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/// Physical memory as one bus master sees it: regions, and holes between them.
///
/// Regions come and go while devices work (firmware unlocks RAM, memory is plugged). An access sees
/// the map as it was at one moment and takes no lock; it returns `false` when it touches a hole, a
/// read-only region it wants to write, or a region that has just been withdrawn. Bulk accesses that
/// fail half way may have moved the part before.
///
/// Word accesses need natural alignment; a misaligned address is the caller's error.
public sealed class MemoryMap permits StaleMemory {
  private static final MemoryRegion[] EMPTY = {};

  /// Largest first: nearly every access is to main memory, which is then found at once.
  private volatile MemoryRegion[] regions = EMPTY;

  /// A map that is one large hole.
  public MemoryMap() {}

  /// Adds a region.
  ///
  /// @throws IllegalArgumentException if it overlaps one that is there
  public synchronized void add(MemoryRegion region) {
    MemoryRegion[] old = regions;
    for (MemoryRegion other : old) {
      if (region.base() < other.base() + other.sizeBytes()
          && other.base() < region.base() + region.sizeBytes()) {
        throw new IllegalArgumentException(
            "region at %#x overlaps the one at %#x".formatted(region.base(), other.base()));
      }
    }
    MemoryRegion[] next = Arrays.copyOf(old, old.length + 1);
    next[old.length] = region;
    Arrays.sort(next, Comparator.comparingLong(MemoryRegion::sizeBytes).reversed());
    regions = next;
  }

  /// Takes out a region; accesses that have found it already may still end in it.
  ///
  /// @return whether it was there
  public synchronized boolean remove(MemoryRegion region) {
    MemoryRegion[] old = regions;
    MemoryRegion[] next =
        Arrays.stream(old).filter(other -> other != region).toArray(MemoryRegion[]::new);
    regions = next;
    return next.length < old.length;
  }

  /// The regions there are now, largest first.
  public List<MemoryRegion> regions() {
    return List.of(regions);
  }

  /// Copies `lengthBytes` bytes of physical memory at `hpa` to `to` at `toOffset`.
  public boolean read(long hpa, MemorySegment to, long toOffset, long lengthBytes) {
    MemoryRegion region = find(hpa, lengthBytes);
    if (region != null) {
      return region.read(hpa - region.base(), to, toOffset, lengthBytes);
    }
    long done = 0;
    while (done < lengthBytes) {
      region = find(hpa + done, 1);
      if (region == null) {
        return false;
      }
      long offset = hpa + done - region.base();
      long step = Math.min(lengthBytes - done, region.sizeBytes() - offset);
      if (!region.read(offset, to, toOffset + done, step)) {
        return false;
      }
      done += step;
    }
    return true;
  }

  /// Copies `lengthBytes` bytes of `from` at `fromOffset` to physical memory at `hpa`.
  public boolean write(long hpa, MemorySegment from, long fromOffset, long lengthBytes) {
    MemoryRegion region = find(hpa, lengthBytes);
    if (region != null) {
      return region.write(hpa - region.base(), from, fromOffset, lengthBytes);
    }
    long done = 0;
    while (done < lengthBytes) {
      region = find(hpa + done, 1);
      if (region == null) {
        return false;
      }
      long offset = hpa + done - region.base();
      long step = Math.min(lengthBytes - done, region.sizeBytes() - offset);
      if (!region.write(offset, from, fromOffset + done, step)) {
        return false;
      }
      done += step;
    }
    return true;
  }

  /// Reads the aligned 64-bit word at `hpa` in one access, acquire ordering, into `into.lo`.
  public boolean fetch64(long hpa, Fetched into) {
    MemoryRegion region = find(hpa, 8);
    return region != null && region.fetch64(hpa - region.base(), into);
  }

  /// Reads the aligned 128-bit word at `hpa` as one, acquire ordering.
  public boolean fetch128(long hpa, Fetched into) {
    MemoryRegion region = find(hpa, 16);
    return region != null && region.fetch128(hpa - region.base(), into);
  }

  /// Writes the aligned 32-bit word at `hpa` in one access, release ordering.
  public boolean store32(long hpa, int value) {
    MemoryRegion region = find(hpa, 4);
    return region != null && region.store32(hpa - region.base(), value);
  }

  /// Writes the aligned 64-bit word at `hpa` in one access, release ordering.
  public boolean store64(long hpa, long value) {
    MemoryRegion region = find(hpa, 8);
    return region != null && region.store64(hpa - region.base(), value);
  }

  /// Replaces the aligned 64-bit word at `hpa` if it equals `expected`, atomically.
  public Exchange compareAndSet64(long hpa, long expected, long value) {
    MemoryRegion region = find(hpa, 8);
    return region == null
        ? Exchange.ABORTED
        : region.compareAndSet64(hpa - region.base(), expected, value);
  }

  /// Sets `bits` in the aligned 64-bit word at `hpa`, atomically.
  public boolean or64(long hpa, long bits) {
    MemoryRegion region = find(hpa, 8);
    return region != null && region.or64(hpa - region.base(), bits);
  }

  private MemoryRegion find(long hpa, long lengthBytes) {
    for (MemoryRegion region : regions) {
      if (region.contains(hpa, lengthBytes)) {
        return region;
      }
    }
    return null;
  }
}
