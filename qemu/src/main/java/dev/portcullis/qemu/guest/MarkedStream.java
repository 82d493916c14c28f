package dev.portcullis.qemu.guest;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;

/// A stream that carries the outputs of one command after the other, each followed by a mark that
/// both ends know. Marks are random, so no output contains one.
final class MarkedStream {

  private static final int BUFFER_BYTES = 64 << 10;

  private final InputStream input;
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private int length;

  MarkedStream(InputStream input) {
    this.input = input;
  }

  /// Copies bytes up to the next `mark` to `target` as they come, and takes the mark away.
  ///
  /// @param mark of at most 1 KiB
  /// @throws IOException if the stream ends before the mark, or `target` fails
  void copyUntil(byte[] mark, OutputStream target) throws IOException {
    while (true) {
      int found = indexOf(mark);
      if (found >= 0) {
        target.write(buffer, 0, found);
        target.flush();
        drop(found + mark.length);
        return;
      }
      int safe = length - Math.min(length, mark.length - 1);
      target.write(buffer, 0, safe);
      target.flush();
      drop(safe);
      int read = input.read(buffer, length, buffer.length - length);
      if (read < 0) {
        throw new IOException("the machine ended");
      }
      length += read;
    }
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
