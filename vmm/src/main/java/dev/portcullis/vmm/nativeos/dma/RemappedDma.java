package dev.portcullis.vmm.nativeos.dma;

import dev.portcullis.driver.domain.PagingDomain;
import dev.portcullis.driver.iova.IovaAllocator;
import dev.portcullis.driver.port.DriverException;
import dev.portcullis.driver.port.PageAllocator;

/// Buffers through the remapping unit: each gets addresses in the driver's own domain that its
/// device can make, wherever in memory it is. Nothing is copied.
///
/// ```
///   | buffer |        gap, nothing mapped        | buffer | …
/// ```
///
/// A gap follows each buffer, and addresses of unmapped buffers rest a while before they are given
/// out again: an access that misses, or comes late, meets nothing.
public final class RemappedDma implements DmaApi {
  private static final long PAGE = PageAllocator.PAGE_BYTES;

  /// Least distance between buffers.
  public static final long GAP_BYTES = 16 * PAGE;

  /// Nothing is at the address that a device uses which was never told one.
  private static final long FIRST = 1 << 20;

  /// Above are the windows of devices, and the interrupt range.
  public static final long END = 0xc000_0000L;

  private static final int REMEMBERED = 64;

  private final PagingDomain domain;
  private final IovaAllocator addresses = new IovaAllocator(FIRST, END);
  private final DmaLedger ledger = new DmaLedger(REMEMBERED, System::nanoTime);
  private final long limit;

  /// @param domain empty; nobody maps there but through this
  /// @param addressBits width of the addresses that the device can make
  public RemappedDma(PagingDomain domain, int addressBits) {
    this.domain = domain;
    this.limit = 1L << Math.min(Math.min(addressBits, domain.addressBits()), 62);
  }

  /// Who was allowed what.
  public DmaLedger ledger() {
    return ledger;
  }

  @Override
  public synchronized DmaBuffer map(String name, long hpa, long bytes, Direction direction)
      throws DriverException {
    long offset = hpa & PAGE - 1;
    long span = span(offset, bytes);
    long iova = addresses.allocate(span + GAP_BYTES, limit);
    try {
      domain.map(iova, hpa - offset, span, direction.rights());
    } catch (DriverException e) {
      addresses.free(iova, span + GAP_BYTES);
      throw e;
    }
    DmaBuffer buffer = new DmaBuffer(name, hpa, iova + offset, bytes, direction);
    ledger.mapped(buffer);
    return buffer;
  }

  /// When it returns, the device does not reach the buffer any more.
  @Override
  public synchronized void unmap(DmaBuffer buffer) throws DriverException {
    long offset = buffer.address() & PAGE - 1;
    domain.unmap(buffer.address() - offset, span(offset, buffer.bytes()));
    ledger.unmapped(buffer).ifPresent(this::reuse);
  }

  private void reuse(DmaBuffer forgotten) {
    long offset = forgotten.address() & PAGE - 1;
    addresses.free(forgotten.address() - offset, span(offset, forgotten.bytes()) + GAP_BYTES);
  }

  private static long span(long offset, long bytes) {
    if (bytes <= 0) {
      throw new IllegalArgumentException(bytes + " bytes");
    }
    return offset + bytes + PAGE - 1 & -PAGE;
  }
}
