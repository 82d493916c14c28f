package dev.portcullis.qtest.server;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalLong;

/// 64 KiB of memory from address 0 on, ports that remember one value, a clock with one alarm, and a
/// device "pins" with 8 inputs.
public final class FakeMachine implements QtestMachine, VirtualTime, InterruptInputs {
  public static final int BYTES = 1 << 16;
  static final long ALARM_NANOS = 1000;

  final ByteBuffer memory = ByteBuffer.allocate(BYTES).order(ByteOrder.LITTLE_ENDIAN);
  private long port;
  private long now;
  private Watcher watcher = (_, _) -> {};

  /// A machine of zeroes.
  public FakeMachine() {}

  private static boolean isMemory(long address, long length) {
    return address >= 0 && length <= BYTES && address <= BYTES - length;
  }

  @Override
  public void read(long address, byte[] into) {
    if (isMemory(address, into.length)) {
      memory.get((int) address, into);
    }
  }

  @Override
  public void write(long address, byte[] from) {
    if (isMemory(address, from.length)) {
      memory.put((int) address, from);
    }
  }

  @Override
  public void fill(long address, long lengthBytes, byte value) {
    if (isMemory(address, lengthBytes)) {
      Arrays.fill(memory.array(), (int) address, (int) (address + lengthBytes), value);
    }
  }

  @Override
  public long read(long address, int widthBytes) {
    byte[] bytes = new byte[8];
    read(address, widthBytes, bytes);
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
  }

  private void read(long address, int widthBytes, byte[] into) {
    if (isMemory(address, widthBytes)) {
      memory.get((int) address, into, 0, widthBytes);
    }
  }

  @Override
  public void write(long address, int widthBytes, long value) {
    for (int i = 0; i < widthBytes; i++) {
      write(address + i, new byte[] {(byte) (value >>> 8 * i)});
    }
  }

  @Override
  public long in(int number, int widthBytes) {
    return port & -1L >>> 64 - 8 * widthBytes;
  }

  @Override
  public void out(int number, int widthBytes, long value) {
    port = value;
  }

  @Override
  public VirtualTime time() {
    return this;
  }

  @Override
  public long nowNanos() {
    return now;
  }

  @Override
  public OptionalLong nextDeadlineNanos() {
    return now < ALARM_NANOS ? OptionalLong.of(ALARM_NANOS) : OptionalLong.empty();
  }

  @Override
  public void advanceTo(long nanos) {
    now = Math.max(now, nanos);
  }

  @Override
  public Optional<InterruptInputs> inputs(String path) {
    return path.equals("pins") ? Optional.of(this) : Optional.empty();
  }

  @Override
  public boolean drive(int input, Level level) {
    if (input < 0 || input >= 8) {
      return false;
    }
    watcher.changed(input, level);
    return true;
  }

  @Override
  public void watch(Watcher next) {
    watcher = next;
  }
}
