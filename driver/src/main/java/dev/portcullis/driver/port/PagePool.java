package dev.portcullis.driver.port;

import java.util.BitSet;

/// Hands out the pages of one range of memory, lowest first.
public final class PagePool implements PageAllocator {
  private final long base;
  private final int pages;
  private final BitSet taken = new BitSet();

  /// @param base host physical address of the range, a multiple of [#PAGE_BYTES]
  /// @param pages its length in pages
  public PagePool(long base, int pages) {
    if ((base & PAGE_BYTES - 1) != 0 || base < 0 || pages < 0) {
      throw new IllegalArgumentException("no range of pages: %#x, %d".formatted(base, pages));
    }
    this.base = base;
    this.pages = pages;
  }

  @Override
  public synchronized long allocate(int count) throws DriverException {
    int first = taken.nextClearBit(0);
    while (first + count <= pages) {
      int next = taken.nextSetBit(first);
      if (next < 0 || next >= first + count) {
        taken.set(first, first + count);
        return base + (long) first * PAGE_BYTES;
      }
      first = taken.nextClearBit(next);
    }
    throw new DriverException(
        DriverException.Reason.OUT_OF_PAGES,
        "no %d of the %d pages at %#x are free".formatted(count, pages, base));
  }

  @Override
  public synchronized void free(long hpa, int count) {
    int first = (int) ((hpa - base) / PAGE_BYTES);
    if (first < 0 || taken.get(first, first + count).cardinality() != count) {
      throw new IllegalArgumentException("page at %#x is not taken".formatted(hpa));
    }
    taken.clear(first, first + count);
  }

  /// Number of pages that are taken.
  public synchronized int taken() {
    return taken.cardinality();
  }
}
