package dev.portcullis.net.http;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Reads messages from a stream: lines within limits, header fields, bodies.
final class MessageReader {
  static final int MOST_HEAD_BYTES = 16_384;
  static final int MOST_FIELDS = 64;

  private static final Duration HEAD_LIMIT = Duration.ofSeconds(30);
  private static final int BUFFER_BYTES = 32_768;

  private final InputStream in;
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private int at;
  private int end;
  private int headLeft;
  private long headUntilNanos;

  MessageReader(InputStream in) {
    this.in = in;
  }

  /// A head begins, which must end within its limits of bytes and time.
  void beginHead() {
    headLeft = MOST_HEAD_BYTES;
    headUntilNanos = System.nanoTime() + HEAD_LIMIT.toNanos();
  }

  private int read() throws IOException {
    if (at == end) {
      at = 0;
      end = Math.max(0, in.read(buffer, 0, buffer.length));
      if (end == 0) {
        return -1;
      }
    }
    return buffer[at++] & 0xff;
  }

  /// Whether another message begins.
  boolean hasMore() throws IOException {
    if (read() < 0) {
      return false;
    }
    at--;
    return true;
  }

  /// The next line of a head, without its end, which is CR LF and nothing less.
  String line() throws IOException {
    StringBuilder line = new StringBuilder();
    while (true) {
      int c = read();
      if (c < 0) {
        throw new EOFException("the message ends in its head");
      }
      if (headLeft-- == 0) {
        throw new HttpException(431, "the head is too long");
      }
      if (at == 1 && System.nanoTime() - headUntilNanos > 0) {
        throw new HttpException(408, "the head takes too long");
      }
      if (c == '\r') {
        if (read() != '\n') {
          throw new HttpException(400, "a line ends without LF");
        }
        return line.toString();
      }
      if (c == '\n' || c == 0) {
        throw new HttpException(400, "a line ends without CR");
      }
      line.append((char) c);
    }
  }

  /// Header fields, to the empty line behind them.
  Headers headers() throws IOException {
    List<Headers.Field> fields = new ArrayList<>();
    for (String line = line(); !line.isEmpty(); line = line()) {
      int colon = line.indexOf(':');
      if (colon < 0 || fields.size() == MOST_FIELDS) {
        throw new HttpException(colon < 0 ? 400 : 431, "bad or too many header fields");
      }
      String name = line.substring(0, colon);
      String value = line.substring(colon + 1).strip();
      if (!Syntax.isToken(name) || !Syntax.isFieldValue(value)) {
        throw new HttpException(400, "a bad header field");
      }
      fields.add(new Headers.Field(name, value));
    }
    return new Headers(fields);
  }

  /// How long the body is that `headers` announce.
  ///
  /// @return bytes, or [Body#CHUNKED], or [Body#UNSAID]
  static long bodyLength(Headers headers) throws HttpException {
    List<String> lengths = headers.all("Content-Length");
    List<String> codings = headers.all("Transfer-Encoding");
    if (!codings.isEmpty()) {
      if (!lengths.isEmpty() || codings.size() > 1) {
        throw new HttpException(400, "two ways to tell the length");
      }
      if (!codings.getFirst().equalsIgnoreCase("chunked")) {
        throw new HttpException(501, "a transfer coding other than chunked");
      }
      return Body.CHUNKED;
    }
    if (lengths.isEmpty()) {
      return Body.UNSAID;
    }
    long length = Syntax.number(lengths.getFirst());
    if (lengths.size() > 1 || length < 0) {
      throw new HttpException(400, "a bad Content-Length");
    }
    return length;
  }

  /// Bytes of a body.
  int read(byte[] to, int from, int length) throws IOException {
    if (at == end) {
      return in.read(to, from, length);
    }
    int count = Math.min(length, end - at);
    System.arraycopy(buffer, at, to, from, count);
    at += count;
    return count;
  }

  /// What is written in the head, as ISO 8859-1.
  static byte[] encode(String head) {
    return head.getBytes(StandardCharsets.ISO_8859_1);
  }
}
