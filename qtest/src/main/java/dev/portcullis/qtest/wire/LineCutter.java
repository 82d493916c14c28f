package dev.portcullis.qtest.wire;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Cuts a stream of bytes into lines. A line that is longer than the limit is not kept, only
/// reported, so that no peer makes us hold more than that.
public final class LineCutter {
  private static final int FIRST_ROOM = 256;

  private final int limitBytes;
  private final Receiver receiver;
  private byte[] begun = new byte[FIRST_ROOM];
  private int length;
  private boolean overlong;

  /// Who gets the lines.
  public interface Receiver {
    /// A line without its end, one character a byte.
    void line(String text);

    /// A line that was longer than the limit has ended; its text is gone.
    void overlongLine();
  }

  public LineCutter(int limitBytes, Receiver receiver) {
    this.limitBytes = limitBytes;
    this.receiver = receiver;
  }

  /// Takes all of `bytes`.
  public void take(ByteBuffer bytes) {
    while (bytes.hasRemaining()) {
      byte next = bytes.get();
      if (next == '\n') {
        endLine();
      } else if (length == limitBytes) {
        overlong = true;
      } else {
        append(next);
      }
    }
  }

  private void append(byte next) {
    if (length == begun.length) {
      begun = Arrays.copyOf(begun, Math.min(limitBytes, 2 * length));
    }
    begun[length++] = next;
  }

  private void endLine() {
    boolean lost = overlong;
    String text = lost ? "" : new String(begun, 0, length, StandardCharsets.ISO_8859_1);
    overlong = false;
    length = 0;
    if (begun.length > 64 * FIRST_ROOM) {
      begun = new byte[FIRST_ROOM];
    }
    if (lost) {
      receiver.overlongLine();
    } else {
      receiver.line(text);
    }
  }
}
