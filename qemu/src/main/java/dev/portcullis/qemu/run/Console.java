package dev.portcullis.qemu.run;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;

/// The guest's first serial port: what it wrote there, and a keyboard.
///
/// Keeps the newest text up to a bound, so that a guest that never stops writing costs no more than
/// that. Any thread may read and wait.
public final class Console implements Closeable {

  private static final int KEPT_CHARS = 8 << 20;
  private static final int TAIL_LINES = 12;

  private final InputStream input;
  private final OutputStream keyboard;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final List<Listener> listeners = new ArrayList<>();
  private final StringBuilder text = new StringBuilder();
  private long forgottenChars;
  private boolean ended;

  /// Without a keyboard.
  Console(InputStream input) {
    this(input, OutputStream.nullOutputStream());
  }

  Console(InputStream input, OutputStream keyboard) {
    this.input = input;
    this.keyboard = keyboard;
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

  /// Has `listener` get everything that is written: first all text so far, then what comes. It must
  /// not wait, nor keep the array.
  public void listen(Listener listener) {
    lock.lock();
    try {
      byte[] soFar = text.toString().getBytes(StandardCharsets.ISO_8859_1);
      listener.written(soFar, soFar.length);
      listeners.add(listener);
    } finally {
      lock.unlock();
    }
  }

  /// Gets the first `count` bytes of `bytes`.
  @FunctionalInterface
  public interface Listener {
    void written(byte[] bytes, int count);
  }

  /// Types on the guest's keyboard.
  ///
  /// @throws IOException if the machine has ended
  public void type(byte[] keys) throws IOException {
    synchronized (keyboard) {
      keyboard.write(keys);
    }
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
        append(buffer, n);
      }
    } catch (IOException closed) {
      append(buffer, 0);
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

  private void append(byte[] more, int count) {
    lock.lock();
    try {
      listeners.forEach(listener -> listener.written(more, count));
      text.append(new String(more, 0, count, StandardCharsets.ISO_8859_1));
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
