package dev.portcullis.driver.port;

import dev.portcullis.memory.Exchange;
import dev.portcullis.memory.Fetched;
import dev.portcullis.memory.MemoryMap;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Tables in a [MemoryMap] of this process.
public final class MappedTableMemory implements TableMemory {
  private static final int BLOCK_BYTES = PageAllocator.PAGE_BYTES;

  private final MemoryMap memory;
  private final Caches caches;
  private final ThreadLocal<Fetched> fetched = ThreadLocal.withInitial(Fetched::new);

  /// What has to be told of a flush.
  @FunctionalInterface
  public interface Caches {
    /// `lengthBytes` bytes at host physical address `hpa` are flushed.
    void flushed(long hpa, long lengthBytes);
  }

  /// Tables that need no flushing: whoever reads them sees what was written last.
  public MappedTableMemory(MemoryMap memory) {
    this(memory, (hpa, lengthBytes) -> {});
  }

  /// Tables in `memory`, whose flushing `caches` are told of.
  public MappedTableMemory(MemoryMap memory, Caches caches) {
    this.memory = memory;
    this.caches = caches;
  }

  @Override
  public void flush(long hpa, long lengthBytes) {
    caches.flushed(hpa, lengthBytes);
  }

  @Override
  public long readLong(long hpa) throws DriverException {
    Fetched into = fetched.get();
    demand(memory.fetch64(hpa, into), hpa);
    return into.lo;
  }

  @Override
  public void writeLong(long hpa, long value) throws DriverException {
    demand(memory.store64(hpa, value), hpa);
  }

  @Override
  public boolean compareAndSet(long hpa, long expected, long value) throws DriverException {
    Exchange outcome = memory.compareAndSet64(hpa, expected, value);
    demand(outcome != Exchange.ABORTED, hpa);
    return outcome == Exchange.EXCHANGED;
  }

  @Override
  public void fill(long hpa, long lengthBytes, byte value) throws DriverException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment block = arena.allocate(BLOCK_BYTES);
      block.fill(value);
      for (long done = 0; done < lengthBytes; done += BLOCK_BYTES) {
        long step = Math.min(BLOCK_BYTES, lengthBytes - done);
        demand(memory.write(hpa + done, block, 0, step), hpa + done);
      }
    }
  }

  private static void demand(boolean done, long hpa) throws DriverException {
    if (!done) {
      throw unreachable(hpa);
    }
  }

  private static DriverException unreachable(long hpa) {
    return new DriverException(
        DriverException.Reason.UNREACHABLE, "no writable memory at %#x".formatted(hpa));
  }
}
