package dev.portcullis.qemu.run;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;

/// What the guest wrote on its first serial port.
///
/// Keeps the newest text up to a bound, so that a guest that never stops writing costs no more than
/// that. Any thread may read and wait.
public final class Console implements Closeable {

  private static final int KEPT_CHARS = 8 << 20;
  private static final int TAIL_LINES = 12;

  private final InputStream input;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final StringBuilder text = new StringBuilder();
  private long forgottenChars;
  private boolean ended;

  Console(InputStream input) {
    this.input = input;
    Thread.ofVirtual().name("console").start(this::pump);
  }

  /// All text so far, or the newest 8 MiB of it.
  public String text() {
    lock.lock();
    try {
      return text.toString();
    } finally {
      lock.unlock();
    }
  }

  /// The last lines, for messages about a failure.
  public String tail() {
    var lines = text().lines().toList();
    return lines.stream()
        .skip(Math.max(0, lines.size() - TAIL_LINES))
        .collect(Collectors.joining("\n"));
  }

  /// Waits until `wanted` has been written, from the start of the machine on.
  ///
  /// @throws QemuException if the time passes or the machine ends without it
  public void await(String wanted, Duration limit) throws QemuException, InterruptedException {
    long nanos = limit.toNanos();
    long searchedChars = 0;
    lock.lockInterruptibly();
    try {
      while (true) {
        int from = (int) Math.max(0, searchedChars - forgottenChars - wanted.length());
        if (text.indexOf(wanted, from) >= 0) {
          return;
        }
        searchedChars = forgottenChars + text.length();
        if (ended || nanos <= 0) {
          String how = ended ? "the machine ended" : "%d s passed".formatted(limit.toSeconds());
          throw new QemuException(
              "%s before the console said \"%s\"; last lines:%n%s".formatted(how, wanted, tail()));
        }
        nanos = changed.awaitNanos(nanos);
      }
    } finally {
      lock.unlock();
    }
  }

  /// Waits until the machine has closed its end, so that [#text] is complete.
  public void awaitEnd(Duration limit) throws InterruptedException {
    long nanos = TimeUnit.NANOSECONDS.convert(limit);
    lock.lockInterruptibly();
    try {
      while (!ended && nanos > 0) {
        nanos = changed.awaitNanos(nanos);
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() throws IOException {
    input.close();
  }

  private void pump() {
    byte[] buffer = new byte[8192];
    try {
      for (int n = input.read(buffer); n >= 0; n = input.read(buffer)) {
        append(new String(buffer, 0, n, StandardCharsets.ISO_8859_1));
      }
    } catch (IOException closed) {
      append("");
    } finally {
      lock.lock();
      try {
        ended = true;
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  private void append(String more) {
    lock.lock();
    try {
      text.append(more);
      int excess = text.length() - KEPT_CHARS;
      if (excess > 0) {
        text.delete(0, excess + KEPT_CHARS / 4);
        forgottenChars += excess + KEPT_CHARS / 4;
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
