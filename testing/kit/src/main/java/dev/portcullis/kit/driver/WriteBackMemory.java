package dev.portcullis.kit.driver;

import dev.portcullis.driver.port.DriverException;
import dev.portcullis.driver.port.TableMemory;
import java.util.TreeMap;
import java.util.function.LongPredicate;

/// Memory behind a processor's cache that no unit looks into: what is written reaches memory when
/// it is flushed, and not before.
public final class WriteBackMemory implements TableMemory {
  private static final int LINE_BYTES = 64;

  private final TableMemory memory;
  private final LongPredicate cached;
  private final TreeMap<Long, Long> dirty = new TreeMap<>();

  /// @param cached whether an address is held back; queues are not, units always snoop them
  public WriteBackMemory(TableMemory memory, LongPredicate cached) {
    this.memory = memory;
    this.cached = cached;
  }

  @Override
  public long readLong(long hpa) throws DriverException {
    Long word = dirty.get(hpa);
    return word == null ? memory.readLong(hpa) : word;
  }

  @Override
  public void writeLong(long hpa, long value) throws DriverException {
    if (cached.test(hpa)) {
      dirty.put(hpa, value);
    } else {
      memory.writeLong(hpa, value);
    }
  }

  @Override
  public boolean compareAndSet(long hpa, long expected, long value) throws DriverException {
    boolean same = readLong(hpa) == expected;
    if (same) {
      writeLong(hpa, value);
    }
    return same;
  }

  @Override
  public void fill(long hpa, long lengthBytes, byte value) throws DriverException {
    long word = (value & 0xffL) * 0x0101_0101_0101_0101L;
    for (long at = hpa; at < hpa + lengthBytes; at += 8) {
      writeLong(at, word);
    }
  }

  @Override
  public void flush(long hpa, long lengthBytes) throws DriverException {
    long end = hpa + lengthBytes + LINE_BYTES - 1 & -LINE_BYTES;
    var lines = dirty.subMap(hpa & -LINE_BYTES, end);
    for (var word : lines.entrySet()) {
      memory.writeLong(word.getKey(), word.getValue());
    }
    lines.clear();
  }
}
