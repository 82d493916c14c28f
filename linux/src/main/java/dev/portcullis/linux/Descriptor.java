package dev.portcullis.linux;

import java.lang.ref.Reference;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

/// An open file descriptor that is closed once and not used afterwards.
///
/// The kernel hands a closed number out again at once, so a thread that still uses it would reach
/// somebody else's file. Each use therefore holds the descriptor open; the number is given back
/// when it is closed *and* the last use is over.
public final class Descriptor implements AutoCloseable {
  private static final int CLOSED = 1 << 31;

  private final int number;

  /// [#CLOSED] and the count of uses under way.
  private final AtomicInteger state = new AtomicInteger();

  Descriptor(int number) {
    this.number = number;
  }

  /// Begins a use.
  ///
  /// @return the number, good until [#release()]
  /// @throws LinuxException EBADF if it is closed
  int acquire(SystemCall call) throws LinuxException {
    while (true) {
      int seen = state.get();
      if ((seen & CLOSED) != 0) {
        throw new LinuxException(call.manualName(), Errno.EBADF);
      }
      if (state.compareAndSet(seen, seen + 1)) {
        return number;
      }
    }
  }

  /// Ends a use.
  void release() {
    if (state.decrementAndGet() == CLOSED) {
      giveBack();
    }
  }

  /// Makes a call whose first argument is this descriptor.
  long call(SystemCall call, long b, long c, long d) throws LinuxException {
    Scratch scratch = Scratch.ofThisThread();
    long fd = acquire(call);
    try {
      return Kernel.call(call, scratch.with(fd, b, c, d));
    } finally {
      release();
      Reference.reachabilityFence(scratch);
    }
  }

  /// What other processes of this user open to have the same file, as long as this is open.
  public Path path() {
    return Path.of("/proc/%d/fd/%d".formatted(ProcessHandle.current().pid(), number));
  }

  public boolean isClosed() {
    return (state.get() & CLOSED) != 0;
  }

  /// Closes it, now or when the last use is over; once more does nothing.
  @Override
  public void close() {
    while (true) {
      int seen = state.get();
      if ((seen & CLOSED) != 0) {
        return;
      }
      if (state.compareAndSet(seen, seen | CLOSED)) {
        if (seen == 0) {
          giveBack();
        }
        return;
      }
    }
  }

  private void giveBack() {
    try {
      Kernel.call(SystemCall.CLOSE, Scratch.ofThisThread().with(number, 0, 0, 0));
    } catch (LinuxException e) {
      // The number is gone whatever close(2) says; EBADF would mean someone else closed ours.
      if (e.errno() == Errno.EBADF) {
        throw new AssertionError("descriptor " + number + " was closed behind our back", e);
      }
    }
  }

  @Override
  public String toString() {
    return "descriptor " + number + (isClosed() ? " (closed)" : "");
  }
}
