package dev.portcullis.driver.dma;

import dev.portcullis.driver.domain.PagingDomain;
import dev.portcullis.driver.iova.IovaAllocator;
import dev.portcullis.driver.port.DriverException;
import dev.portcullis.driver.port.PageAllocator;
import dev.portcullis.driver.table.Rights;

/// Maps buffers for the devices of one domain, at addresses it chooses.
///
/// With deferred flushing a buffer may be reached for a while after it was unmapped: until
/// [#PENDING_LIMIT] are waiting, or someone calls [#flush]. Its address is not used again before.
public final class DmaMapper {
  /// Unmapped buffers that may wait for a flush.
  public static final int PENDING_LIMIT = 256;

  private static final long PAGE = PageAllocator.PAGE_BYTES;

  private final PagingDomain domain;
  private final IovaAllocator addresses;
  private final Flushing flushing;
  private final long limit;
  private final long[] pendingAddress = new long[PENDING_LIMIT];
  private final long[] pendingBytes = new long[PENDING_LIMIT];
  private int pending;

  /// When devices stop to reach what is unmapped.
  public enum Flushing {
    /// Before [DmaMapper#unmap] returns.
    STRICT,
    /// A while later, for many buffers at once.
    DEFERRED
  }

  /// @param addresses of the domain; nobody maps there but through it
  /// @param addressBits width of the addresses that the devices can send
  public DmaMapper(
      PagingDomain domain, IovaAllocator addresses, Flushing flushing, int addressBits) {
    this.domain = domain;
    this.addresses = addresses;
    this.flushing = flushing;
    this.limit = 1L << Math.min(addressBits, domain.addressBits());
  }

  /// Maps the buffer of `bytes` bytes at `hpa`; with it the rest of the pages it lies in.
  ///
  /// @return the address for devices to use
  public synchronized long map(long hpa, long bytes, Rights rights) throws DriverException {
    long offset = hpa & PAGE - 1;
    long span = span(offset, bytes);
    long iova = allocate(span);
    try {
      domain.map(iova, hpa - offset, span, rights);
    } catch (DriverException e) {
      addresses.free(iova, span);
      throw e;
    }
    return iova + offset;
  }

  /// Unmaps a buffer.
  ///
  /// @param iova what [#map] returned
  /// @param bytes its length, as then
  public synchronized void unmap(long iova, long bytes) throws DriverException {
    long offset = iova & PAGE - 1;
    long span = span(offset, bytes);
    switch (flushing) {
      case STRICT -> {
        domain.unmap(iova - offset, span);
        addresses.free(iova - offset, span);
      }
      case DEFERRED -> {
        domain.unmapLater(iova - offset, span);
        pendingAddress[pending] = iova - offset;
        pendingBytes[pending] = span;
        if (++pending == PENDING_LIMIT) {
          flush();
        }
      }
    }
  }

  /// When it returns, no device reaches anything that was unmapped.
  public synchronized void flush() throws DriverException {
    if (pending == 0) {
      return;
    }
    domain.flush();
    while (pending > 0) {
      pending--;
      addresses.free(pendingAddress[pending], pendingBytes[pending]);
    }
  }

  /// What waits for a flush may be all that is missing.
  private long allocate(long span) throws DriverException {
    try {
      return addresses.allocate(span, limit);
    } catch (DriverException e) {
      if (pending == 0) {
        throw e;
      }
      flush();
      return addresses.allocate(span, limit);
    }
  }

  private static long span(long offset, long bytes) {
    if (bytes <= 0) {
      throw new IllegalArgumentException(bytes + " bytes");
    }
    return offset + bytes + PAGE - 1 & -PAGE;
  }
}
