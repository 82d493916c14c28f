package dev.portcullis.qemu.guest;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/// A stream that carries the outputs of one command after the other, each between two marks that
/// both ends know. Marks are random, so no output contains one.
///
/// ```
///   …left by a guest that was reset…MARK output MARK
/// ```
///
/// A thread of its own always reads, so nothing that nobody waits for any more stays in the way.
final class MarkedStream {

  private static final int BUFFER_BYTES = 64 << 10;

  private final InputStream input;
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private int length;
  private Optional<Wanted> wanted = Optional.empty();
  private Optional<IOException> end = Optional.empty();

  /// An output that somebody waits for.
  private static final class Wanted {
    private final byte[] mark;
    private final OutputStream target;
    private final CompletableFuture<Void> done = new CompletableFuture<>();
    private boolean begun;

    Wanted(byte[] mark, OutputStream target) {
      this.mark = mark;
      this.target = target;
    }
  }

  /// @param name for people: of the thread that reads
  MarkedStream(InputStream input, String name) {
    this.input = input;
    Thread.ofVirtual().name(name).start(this::read);
  }

  /// Copies what comes between the next two marks to `target`, as it comes. What comes before is
  /// dropped; who waited before waits in vain.
  ///
  /// @param mark of at most 1 KiB
  /// @return ends with an [IOException] if the stream ends, or `target` fails
  synchronized CompletableFuture<Void> expect(byte[] mark, OutputStream target) {
    abandon("another command was begun");
    Wanted next = new Wanted(mark, target);
    end.ifPresentOrElse(next.done::completeExceptionally, () -> wanted = Optional.of(next));
    return next.done;
  }

  /// Whoever waits need not wait any more: there will be no end of it.
  synchronized void abandon(String why) {
    finish(Optional.of(new IOException(why)));
  }

  private void finish(Optional<IOException> failure) {
    wanted.ifPresent(one ->
        failure.ifPresentOrElse(one.done::completeExceptionally, () -> one.done.complete(null)));
    wanted = Optional.empty();
  }

  private void read() {
    byte[] piece = new byte[BUFFER_BYTES / 2];
    try {
      for (int read = input.read(piece); read >= 0; read = input.read(piece)) {
        take(piece, read);
      }
      close(new IOException("the machine ended"));
    } catch (IOException e) {
      close(e);
    }
  }

  private synchronized void close(IOException why) {
    end = Optional.of(why);
    finish(end);
  }

  private synchronized void take(byte[] piece, int read) {
    System.arraycopy(piece, 0, buffer, length, read);
    length += read;
    while (wanted.isPresent() && goesOn(wanted.get())) {
      // Another mark may be there.
    }
    if (wanted.isEmpty()) {
      length = 0;
    }
  }

  /// Takes away all that is certain by now: of half a buffer at most a mark's beginning stays.
  ///
  /// @return whether a mark was found
  private boolean goesOn(Wanted one) {
    int found = indexOf(one.mark);
    int certain = found >= 0 ? found : length - Math.min(length, one.mark.length - 1);
    try {
      if (one.begun) {
        one.target.write(buffer, 0, certain);
        one.target.flush();
      }
    } catch (IOException e) {
      finish(Optional.of(e));
      return false;
    }
    drop(found >= 0 ? found + one.mark.length : certain);
    if (found >= 0 && one.begun) {
      finish(Optional.empty());
    }
    one.begun |= found >= 0;
    return found >= 0;
  }

  private int indexOf(byte[] mark) {
    for (int at = 0; at <= length - mark.length; at++) {
      if (Arrays.equals(buffer, at, at + mark.length, mark, 0, mark.length)) {
        return at;
      }
    }
    return -1;
  }

  private void drop(int count) {
    System.arraycopy(buffer, count, buffer, 0, length - count);
    length -= count;
  }
}
