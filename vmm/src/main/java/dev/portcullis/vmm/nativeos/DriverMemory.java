package dev.portcullis.vmm.nativeos;

import dev.portcullis.driver.port.DriverException;
import dev.portcullis.driver.port.PageAllocator;
import dev.portcullis.guest.memory.OutOfMemoryException;
import dev.portcullis.guest.memory.PageSource;
import dev.portcullis.vmm.nativeos.dma.Direction;
import dev.portcullis.vmm.nativeos.dma.DmaApi;
import dev.portcullis.vmm.nativeos.dma.DmaBuffer;
import java.util.HashMap;
import java.util.Map;

/// Memory that a driver keeps and its device reaches all the time: queues, descriptors, buffers it
/// uses again and again.
final class DriverMemory implements PageSource {
  private static final long PAGE = PageAllocator.PAGE_BYTES;

  private final DmaApi dma;
  private final PageAllocator pages;
  private final Map<Long, DmaBuffer> taken = new HashMap<>();
  private int number;

  DriverMemory(DmaApi dma, PageAllocator pages) {
    this.dma = dma;
    this.pages = pages;
  }

  @Override
  public synchronized long allocate(long bytes) throws OutOfMemoryException {
    try {
      long hpa = pages.allocate(count(bytes));
      try {
        DmaBuffer buffer = dma.map("memory " + ++number, hpa, count(bytes) * PAGE, Direction.BOTH);
        taken.put(buffer.address(), buffer);
        return buffer.address();
      } catch (DriverException e) {
        pages.free(hpa, count(bytes));
        throw e;
      }
    } catch (DriverException e) {
      throw new OutOfMemoryException(bytes, e);
    }
  }

  private static int count(long bytes) {
    return Math.toIntExact((Math.max(1, bytes) + PAGE - 1) / PAGE);
  }

  /// If the unit fails, the pages stay taken: the device may still reach them.
  @Override
  public synchronized void free(long address, long bytes) {
    DmaBuffer buffer = taken.remove(address);
    if (buffer == null || count(bytes) * PAGE != buffer.bytes()) {
      throw new IllegalArgumentException("%#x was not handed out".formatted(address));
    }
    try {
      dma.unmap(buffer);
      pages.free(buffer.hpa(), count(bytes));
    } catch (DriverException e) {
      taken.put(address, buffer);
    }
  }
}
