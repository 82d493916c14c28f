package dev.portcullis.net.http;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;

/// The body of a message that comes, to its end and no further.
final class Body extends InputStream {
  /// It comes in chunks.
  static final long CHUNKED = -1;

  /// It ends with the connection.
  static final long UNSAID = -2;

  /// Must happen before the first byte is asked for.
  interface Beginning {
    void begin() throws IOException;
  }

  private final MessageReader in;
  private final long length;
  private final Beginning beginning;
  private long left;
  private boolean begun;
  private boolean ended;

  Body(MessageReader in, long length, Beginning beginning) {
    this.in = in;
    this.length = length;
    this.beginning = beginning;
    this.left = Math.max(length, 0);
    this.ended = length == 0;
  }

  /// Whether all of it was read.
  boolean isEnded() {
    return ended;
  }

  /// Whether some of it was asked for.
  boolean isBegun() {
    return begun;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] to, int at, int count) throws IOException {
    Objects.checkFromIndexSize(at, count, to.length);
    if (!begun && !ended) {
      begun = true;
      beginning.begin();
      nextChunk(true);
    }
    if (ended || count == 0) {
      return ended ? -1 : 0;
    }
    int most = length == UNSAID ? count : (int) Math.min(count, left);
    int read = in.read(to, at, most);
    if (read < 0) {
      ended = length == UNSAID;
      if (!ended) {
        throw new EOFException("the message ends in its body");
      }
      return -1;
    }
    left -= read;
    if (left == 0 && length != UNSAID) {
      ended = length >= 0;
      nextChunk(false);
    }
    return read;
  }

  /// ```
  ///  size in hex [; extensions] CR LF  bytes  CR LF  …  0 CR LF  trailer fields  CR LF
  /// ```
  private void nextChunk(boolean first) throws IOException {
    if (length != CHUNKED) {
      return;
    }
    in.beginHead();
    if (!first && !in.line().isEmpty()) {
      throw new HttpException(400, "a chunk is longer than it says");
    }
    String line = in.line();
    int semicolon = line.indexOf(';');
    left = Syntax.hex(semicolon < 0 ? line : line.substring(0, semicolon));
    if (left < 0) {
      throw new HttpException(400, "a bad chunk size");
    }
    if (left == 0) {
      in.headers();
      ended = true;
    }
  }
}
