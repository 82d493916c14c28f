package dev.portcullis.guest.memory;

import java.util.Map;
import java.util.TreeMap;

/// Hands out memory in pages, by guest physical address, lowest first. Safe for use by several
/// threads.
public final class PageAllocator {
  public static final int PAGE_BYTES = 4096;

  /// The first mebibyte is left alone: firmware has its data there.
  private static final long FIRST = 1 << 20;

  /// Free ranges: where each begins, and how long it is.
  private final TreeMap<Long, Long> free = new TreeMap<>();

  /// @param ramBytes how much memory there is, from 0 on
  public PageAllocator(long ramBytes) {
    if (ramBytes > FIRST) {
      free.put(FIRST, (ramBytes & -PAGE_BYTES) - FIRST);
    }
  }

  /// Takes pages that hold at least `bytes` bytes.
  ///
  /// @return guest physical address of the first
  public synchronized long allocate(long bytes) throws OutOfMemoryException {
    long wanted = Math.max(1, bytes) + PAGE_BYTES - 1 & -PAGE_BYTES;
    for (Map.Entry<Long, Long> range : free.entrySet()) {
      if (range.getValue() >= wanted) {
        long first = range.getKey();
        long left = range.getValue() - wanted;
        free.remove(first);
        if (left > 0) {
          free.put(first + wanted, left);
        }
        return first;
      }
    }
    throw new OutOfMemoryException(bytes);
  }

  /// Gives pages back.
  ///
  /// @param gpa what [#allocate] returned
  /// @param bytes what it was asked for
  public synchronized void free(long gpa, long bytes) {
    long length = Math.max(1, bytes) + PAGE_BYTES - 1 & -PAGE_BYTES;
    Map.Entry<Long, Long> before = free.floorEntry(gpa);
    Map.Entry<Long, Long> behind = free.ceilingEntry(gpa);
    if (before != null && before.getKey() + before.getValue() > gpa
        || behind != null && behind.getKey() < gpa + length) {
      throw new IllegalArgumentException("%#x is free already".formatted(gpa));
    }
    long first = gpa;
    if (before != null && before.getKey() + before.getValue() == gpa) {
      first = before.getKey();
      length += before.getValue();
    }
    if (behind != null && behind.getKey() == first + length) {
      free.remove(behind.getKey());
      length += behind.getValue();
    }
    free.put(first, length);
  }

  /// How many bytes are left.
  public synchronized long freeBytes() {
    return free.values().stream().mapToLong(Long::longValue).sum();
  }
}
