package dev.portcullis.guest.memory;

import java.util.Map;
import java.util.TreeMap;

/// Hands out memory in pages, by guest physical address, lowest first. Safe for use by several
/// threads.
public final class PageAllocator implements PageSource {
  public static final int PAGE_BYTES = 4096;

  /// The first mebibyte is left alone: firmware has its data there.
  private static final long FIRST = 1 << 20;

  private final long end;

  /// Free ranges: where each begins, and how long it is.
  private final TreeMap<Long, Long> free = new TreeMap<>();

  /// @param ramBytes how much memory there is, from 0 on
  public PageAllocator(long ramBytes) {
    end = ramBytes & -PAGE_BYTES;
    if (end > FIRST) {
      free.put(FIRST, end - FIRST);
    }
  }

  @Override
  public long allocate(long bytes) throws OutOfMemoryException {
    return allocate(bytes, PAGE_BYTES);
  }

  /// Takes pages that hold at least `bytes` bytes.
  ///
  /// @param alignment a power of two, at least a page
  /// @return guest physical address of the first, a multiple of `alignment`
  public synchronized long allocate(long bytes, long alignment) throws OutOfMemoryException {
    if (alignment < PAGE_BYTES || Long.bitCount(alignment) != 1) {
      throw new IllegalArgumentException("alignment " + alignment);
    }
    if (bytes > end) {
      throw new OutOfMemoryException(bytes);
    }
    long wanted = pages(bytes);
    for (Map.Entry<Long, Long> range : free.entrySet()) {
      long first = range.getKey();
      long gpa = first + alignment - 1 & -alignment;
      long left = range.getValue() - (gpa - first) - wanted;
      if (left >= 0) {
        free.remove(first);
        if (gpa > first) {
          free.put(first, gpa - first);
        }
        if (left > 0) {
          free.put(gpa + wanted, left);
        }
        return gpa;
      }
    }
    throw new OutOfMemoryException(bytes);
  }

  private static long pages(long bytes) {
    return Math.max(1, bytes) + PAGE_BYTES - 1 & -PAGE_BYTES;
  }

  @Override
  public synchronized void free(long gpa, long bytes) {
    long length = pages(bytes);
    if (gpa < FIRST || gpa % PAGE_BYTES != 0 || length > end || gpa > end - length) {
      throw new IllegalArgumentException("%#x was not handed out".formatted(gpa));
    }
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
