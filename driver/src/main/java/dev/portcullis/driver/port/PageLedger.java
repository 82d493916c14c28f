package dev.portcullis.driver.port;

import java.util.HashMap;
import java.util.Map;

/// Passes pages on, and until it is closed remembers which, so that all can go back at once.
public final class PageLedger implements PageAllocator {
  private final PageAllocator pages;
  private final Map<Long, Integer> taken = new HashMap<>();
  private boolean closed;

  public PageLedger(PageAllocator pages) {
    this.pages = pages;
  }

  @Override
  public synchronized long allocate(int count) throws DriverException {
    long hpa = pages.allocate(count);
    if (!closed) {
      taken.put(hpa, count);
    }
    return hpa;
  }

  @Override
  public synchronized void free(long hpa, int count) {
    taken.remove(hpa);
    pages.free(hpa, count);
  }

  /// Remembers no more.
  public synchronized void close() {
    closed = true;
    taken.clear();
  }

  /// Gives back what was taken and not given back.
  public synchronized void freeAll() {
    taken.forEach(pages::free);
    taken.clear();
  }
}
