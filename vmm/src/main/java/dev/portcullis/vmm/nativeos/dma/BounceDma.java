package dev.portcullis.vmm.nativeos.dma;

import dev.portcullis.driver.port.DriverException;
import dev.portcullis.driver.port.PageAllocator;
import dev.portcullis.machine.chassis.HostMemory;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.LongAdder;

/// Buffers without remapping: the device's addresses are physical ones. What it cannot reach goes
/// through a bounce buffer that it can, and is copied.
public final class BounceDma implements DmaApi {
  private static final long PAGE = PageAllocator.PAGE_BYTES;

  private final HostMemory memory;
  private final PageAllocator pages;
  private final long limit;
  private final LongAdder copied = new LongAdder();

  /// @param pages of memory that the device reaches
  /// @param addressBits width of the addresses that it can make
  public BounceDma(HostMemory memory, PageAllocator pages, int addressBits) {
    this.memory = memory;
    this.pages = pages;
    this.limit = 1L << Math.min(addressBits, 62);
  }

  @Override
  public synchronized DmaBuffer map(String name, long hpa, long bytes, Direction direction)
      throws DriverException {
    if (hpa + bytes <= limit) {
      return new DmaBuffer(name, hpa, hpa, bytes, direction);
    }
    long bounce = pages.allocate(pages(bytes));
    if (direction != Direction.FROM_DEVICE) {
      copy(hpa, bounce, bytes);
    }
    return new DmaBuffer(name, hpa, bounce, bytes, direction);
  }

  @Override
  public synchronized void unmap(DmaBuffer buffer) {
    if (buffer.address() != buffer.hpa()) {
      if (buffer.direction() != Direction.TO_DEVICE) {
        copy(buffer.address(), buffer.hpa(), buffer.bytes());
      }
      pages.free(buffer.address(), pages(buffer.bytes()));
    }
  }

  /// How many bytes were copied.
  public long copiedBytes() {
    return copied.sum();
  }

  private void copy(long from, long to, long bytes) {
    MemorySegment.copy(memory.at(from, bytes), 0, memory.at(to, bytes), 0, bytes);
    copied.add(bytes);
  }

  private static int pages(long bytes) {
    return (int) ((bytes + PAGE - 1) / PAGE);
  }
}
