package dev.portcullis.driver.iova;

import dev.portcullis.driver.port.DriverException;
import dev.portcullis.driver.port.PageAllocator;
import java.util.Map;
import java.util.TreeMap;

/// Hands out ranges of addresses, highest first. A range is as long as the next power of two, and
/// aligned to its length, so that large buffers can have large pages.
///
/// Short ranges that come back are kept by size and handed out again at once: most buffers of a
/// device are of few sizes. That way allocates nothing.
public final class IovaAllocator {
  private static final int PAGE_LOG2 = 12;
  private static final int KEPT_SIZES = 6;
  private static final int KEPT_RANGES = 256;

  /// Free ranges of pages: first page, and the page after the last. No two of them touch.
  private final TreeMap<Long, Long> free = new TreeMap<>();

  private final long[][] kept = new long[KEPT_SIZES][KEPT_RANGES];
  private final int[] keptCount = new int[KEPT_SIZES];
  private final long first;
  private final long end;

  /// @param first lowest address to hand out, a multiple of 4096
  /// @param end the address after the last, a multiple of 4096
  public IovaAllocator(long first, long end) {
    if (((first | end) & PageAllocator.PAGE_BYTES - 1) != 0 || first < 0 || end < first) {
      throw new IllegalArgumentException("no range of pages: %#x to %#x".formatted(first, end));
    }
    this.first = first >>> PAGE_LOG2;
    this.end = end >>> PAGE_LOG2;
    if (first < end) {
      free.put(this.first, this.end);
    }
  }

  /// A range of at least `bytes` bytes that ends at or below `limit`.
  ///
  /// @return its address
  /// @throws DriverException [DriverException.Reason#OUT_OF_ADDRESSES] if none is free
  public synchronized long allocate(long bytes, long limit) throws DriverException {
    int order = order(bytes);
    long before = Math.min(end, limit >>> PAGE_LOG2);
    long page = takeKept(order, before);
    if (page < 0) {
      page = takeFree(order, before);
    }
    if (page < 0) {
      giveKeptBack();
      page = takeFree(order, before);
    }
    if (page < 0) {
      throw new DriverException(
          DriverException.Reason.OUT_OF_ADDRESSES,
          "no %#x bytes of addresses are free below %#x".formatted(bytes, limit));
    }
    return page << PAGE_LOG2;
  }

  /// Takes back a range of `bytes` bytes that was allocated as such.
  public synchronized void free(long iova, long bytes) {
    int order = order(bytes);
    long page = iova >>> PAGE_LOG2;
    if (page < first || page + (1L << order) > end) {
      throw new IllegalArgumentException("%#x was not allocated".formatted(iova));
    }
    if (order < KEPT_SIZES && keptCount[order] < KEPT_RANGES) {
      kept[order][keptCount[order]++] = page;
    } else {
      giveBack(page, 1L << order);
    }
  }

  /// Log2 of the number of pages that `bytes` bytes get.
  private static int order(long bytes) {
    if (bytes <= 0) {
      throw new IllegalArgumentException(bytes + " bytes");
    }
    long pages = (bytes - 1 >>> PAGE_LOG2) + 1;
    return Long.SIZE - Long.numberOfLeadingZeros(pages - 1);
  }

  private long takeKept(int order, long before) {
    if (order >= KEPT_SIZES || keptCount[order] == 0) {
      return -1;
    }
    long page = kept[order][keptCount[order] - 1];
    if (page + (1L << order) > before) {
      return -1;
    }
    keptCount[order]--;
    return page;
  }

  private long takeFree(int order, long before) {
    if (order >= Long.SIZE - 1) {
      return -1;
    }
    long pages = 1L << order;
    for (Map.Entry<Long, Long> range : free.headMap(before, false).descendingMap().entrySet()) {
      long from = range.getKey();
      long to = range.getValue();
      long page = Math.min(to, before) - pages & -pages;
      if (page >= from) {
        carve(from, to, page, page + pages);
        return page;
      }
    }
    return -1;
  }

  private void carve(long from, long to, long page, long pageEnd) {
    if (page == from) {
      free.remove(from);
    } else {
      free.put(from, page);
    }
    if (pageEnd < to) {
      free.put(pageEnd, to);
    }
  }

  private void giveKeptBack() {
    for (int order = 0; order < KEPT_SIZES; order++) {
      while (keptCount[order] > 0) {
        giveBack(kept[order][--keptCount[order]], 1L << order);
      }
    }
  }

  private void giveBack(long page, long pages) {
    long from = page;
    long to = page + pages;
    Map.Entry<Long, Long> below = free.floorEntry(page);
    if (below != null && below.getValue() >= from) {
      if (below.getValue() > from) {
        throw new IllegalArgumentException("%#x is free".formatted(page << PAGE_LOG2));
      }
      from = below.getKey();
    }
    Long above = free.get(to);
    if (above != null) {
      free.remove(to);
      to = above;
    }
    free.put(from, to);
  }
}
