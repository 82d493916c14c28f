package dev.portcullis.driver.port;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Registers that hold what is put into them, and note what is written.
public final class FakeRegisters implements RegisterPort {
  private final Map<Integer, Long> values = new HashMap<>();
  private final List<String> written = new ArrayList<>();
  private Runnable afterWrite = () -> {};

  /// All 0.
  public FakeRegisters() {}

  /// Makes a register read as `value`.
  public FakeRegisters put(int offset, long value) {
    values.put(offset, value);
    return this;
  }

  /// Runs `then` after each write.
  public void afterWrite(Runnable then) {
    afterWrite = then;
  }

  /// What was written, as `offset=value` in hexadecimal.
  public List<String> written() {
    return written;
  }

  @Override
  public int read32(int offset) {
    return (int) read64(offset);
  }

  @Override
  public long read64(int offset) {
    return values.getOrDefault(offset, 0L);
  }

  @Override
  public void write32(int offset, int value) {
    write64(offset, value & 0xffff_ffffL);
  }

  @Override
  public void write64(int offset, long value) {
    written.add("%x=%x".formatted(offset, value));
    afterWrite.run();
  }
}
