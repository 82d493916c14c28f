package dev.portcullis.driver.port;

/// Where the driver gets pages for its tables and queues.
public interface PageAllocator {
  /// Size of a page.
  int PAGE_BYTES = 4096;

  /// Takes `count` pages side by side; what they hold does not matter.
  ///
  /// @return host physical address of the first, a multiple of [#PAGE_BYTES]
  /// @throws DriverException [DriverException.Reason#OUT_OF_PAGES] if there are none
  long allocate(int count) throws DriverException;

  /// Gives back `count` pages that were taken together.
  void free(long hpa, int count);
}
