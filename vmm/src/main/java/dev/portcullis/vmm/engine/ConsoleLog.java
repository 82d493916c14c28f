package dev.portcullis.vmm.engine;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.function.BooleanSupplier;

/// The newest bytes that a guest wrote on its console, up to a bound.
///
/// Bytes are counted from the first one ever written: a reader that remembers where it was misses
/// nothing that is still kept, and never holds up the guest.
public final class ConsoleLog {
  private final byte[] ring;
  private long end;
  private boolean closed;

  /// @param capacityBytes how much is kept
  public ConsoleLog(int capacityBytes) {
    ring = new byte[capacityBytes];
  }

  /// Adds the first `count` bytes of `bytes`.
  public synchronized void append(byte[] bytes, int count) {
    int from = Math.max(0, count - ring.length);
    for (int i = from; i < count; i++) {
      ring[(int) ((end + i) % ring.length)] = bytes[i];
    }
    end += count;
    notifyAll();
  }

  /// Adds a line of text.
  public void line(String text) {
    byte[] bytes = (text + "\n").getBytes(StandardCharsets.UTF_8);
    append(bytes, bytes.length);
  }

  /// Position of the oldest byte that is kept.
  public synchronized long start() {
    return Math.max(0, end - ring.length);
  }

  /// Position behind the newest byte.
  public synchronized long end() {
    return end;
  }

  /// Wakes those who wait: nothing more will come.
  public synchronized void close() {
    closed = true;
    notifyAll();
  }

  /// Has those who wait ask whether it is enough.
  public synchronized void wake() {
    notifyAll();
  }

  /// Copies bytes from `position` on to `to`, waiting for at least one. Bytes that are not kept any
  /// more are skipped: the position returned tells, less the number of bytes, where it began.
  ///
  /// @return position behind the last one copied, and how many; none if nothing more will come
  public Portion read(long position, byte[] to) throws InterruptedException {
    return read(position, to, () -> false);
  }

  /// The same, but waits no longer than until `enough`, which is asked again after each [#wake].
  public synchronized Portion read(long position, byte[] to, BooleanSupplier enough)
      throws InterruptedException {
    while (position >= end && !closed && !enough.getAsBoolean()) {
      wait();
    }
    long from = Math.max(position, start());
    int count = (int) Math.min(to.length, Math.max(0, end - from));
    for (int i = 0; i < count; i++) {
      to[i] = ring[(int) ((from + i) % ring.length)];
    }
    return new Portion(from + count, count);
  }

  /// What [#read] has copied.
  ///
  /// @param next position behind it
  /// @param count bytes; 0 at the end of everything
  public record Portion(long next, int count) {}

  /// Waits until `wanted` has been written at or behind `position`.
  ///
  /// @param wanted characters of one byte each
  /// @return whether it was, within `limit`
  public synchronized boolean await(String wanted, long position, Duration limit)
      throws InterruptedException {
    long deadlineNanos = System.nanoTime() + limit.toNanos();
    long from = position;
    while (true) {
      if (textFrom(from).contains(wanted)) {
        return true;
      }
      from = Math.max(from, end - wanted.length());
      long leftMillis = (deadlineNanos - System.nanoTime()) / 1_000_000;
      if (leftMillis <= 0 || closed) {
        return false;
      }
      wait(leftMillis);
    }
  }

  /// All that is kept.
  public synchronized String text() {
    return textFrom(0);
  }

  private String textFrom(long position) {
    long from = Math.max(position, start());
    byte[] kept = new byte[(int) Math.max(0, end - from)];
    for (int i = 0; i < kept.length; i++) {
      kept[i] = ring[(int) ((from + i) % ring.length)];
    }
    return new String(kept, StandardCharsets.ISO_8859_1);
  }

  /// The last `count` lines.
  public String tail(int count) {
    String[] lines = text().stripTrailing().split("\r?\n");
    return String.join(
        "\n", Arrays.copyOfRange(lines, Math.max(0, lines.length - count), lines.length));
  }
}
