package dev.portcullis.net.http;

import dev.portcullis.net.host.TcpSocket;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;

/// One connection of a client: requests one after the other.
final class ServerConnection {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration LINGER = Duration.ofSeconds(2);
  private static final int LINGER_BYTES = 1 << 20;
  private static final int MOST_REQUESTS = 1000;

  private final TcpSocket socket;
  private final HttpServer.Handler handler;
  private final MessageReader in;
  private final OutputStream out;

  ServerConnection(TcpSocket socket, HttpServer.Handler handler) {
    this.socket = socket.timeout(PATIENCE);
    this.handler = handler;
    this.in = new MessageReader(socket.input());
    this.out = socket.output();
  }

  /// Answers until the client or an error ends the connection.
  void serve() {
    try {
      boolean goesOn = true;
      for (int i = 1; goesOn && i <= MOST_REQUESTS && in.hasMore(); i++) {
        goesOn = exchange(i < MOST_REQUESTS);
      }
      linger();
    } catch (IOException lost) {
      socket.abort();
    }
  }

  /// Says that nothing follows, and takes what still comes: a reset would take the answer away from
  /// a client that is still sending.
  private void linger() throws IOException {
    out.close();
    socket.timeout(LINGER);
    byte[] ignored = new byte[8192];
    int count = 0;
    for (int taken = 0; count >= 0 && taken < LINGER_BYTES; taken += count) {
      count = in.read(ignored, 0, ignored.length);
    }
  }

  /// @return whether another request may follow
  private boolean exchange(boolean mayGoOn) throws IOException {
    HttpRequest request;
    Body body;
    boolean stays;
    try {
      in.beginHead();
      String[] words = requestLine();
      Headers headers = in.headers();
      body = body(words[2], headers);
      stays = mayGoOn && words[2].equals("HTTP/1.1") && !headers.lists("Connection", "close");
      request = HttpRequest.of(words[0], words[1], headers, body, socket.remoteAddress());
    } catch (HttpException bad) {
      send(refusal(bad), Sent.WHOLE, Fate.CLOSE);
      return false;
    }
    HttpResponse response = answer(request);
    boolean followed = body.isEnded() || !body.isBegun() && isSmall(request);
    Fate fate = stays && followed ? Fate.STAYS : Fate.CLOSE;
    send(response, request.method().equals("HEAD") ? Sent.HEAD : Sent.WHOLE, fate);
    if (fate == Fate.STAYS) {
      body.transferTo(OutputStream.nullOutputStream());
    }
    return fate == Fate.STAYS;
  }

  /// Whether an unread body is worth taking so that the connection can go on.
  private static boolean isSmall(HttpRequest request) {
    boolean waits = request.headers().first("Expect").isPresent();
    long length = Syntax.number(request.headers().first("Content-Length").orElse("0"));
    return !waits
        && length <= MessageReader.MOST_HEAD_BYTES
        && request.headers().first("Transfer-Encoding").isEmpty();
  }

  private HttpResponse answer(HttpRequest request) throws IOException {
    try {
      return handler.answer(request);
    } catch (HttpException refused) {
      return refusal(refused);
    }
  }

  private static HttpResponse refusal(HttpException why) {
    return HttpResponse.text(why.status(), "text/plain", why.getMessage() + "\n");
  }

  /// Method, target and version.
  private String[] requestLine() throws IOException {
    String[] words = in.line().split(" ", -1);
    if (words.length != 3 || !Syntax.isToken(words[0])) {
      throw new HttpException(400, "not a request");
    }
    if (!words[2].matches("HTTP/[0-9]\\.[0-9]")) {
      throw new HttpException(400, "no version");
    }
    if (!words[2].startsWith("HTTP/1.")) {
      throw new HttpException(505, "another version of HTTP");
    }
    if (!Syntax.isTarget(words[1])) {
      throw new HttpException(400, "a target that is no path");
    }
    return words;
  }

  private Body body(String version, Headers headers) throws IOException {
    int hosts = headers.all("Host").size();
    if (hosts > 1 || hosts == 0 && version.equals("HTTP/1.1")) {
      throw new HttpException(400, "not one Host");
    }
    boolean expects = headers.first("Expect").isPresent();
    if (expects && !headers.lists("Expect", "100-continue")) {
      throw new HttpException(417, "an expectation other than 100-continue");
    }
    long length = MessageReader.bodyLength(headers);
    return new Body(in, length == Body.UNSAID ? 0 : length, () -> begin(expects));
  }

  private void begin(boolean expects) throws IOException {
    if (expects) {
      out.write(MessageReader.encode("HTTP/1.1 100 Continue\r\n\r\n"));
    }
  }

  /// How much of an answer is sent.
  private enum Sent {
    HEAD,
    WHOLE
  }

  /// What becomes of the connection.
  private enum Fate {
    STAYS,
    CLOSE
  }

  private void send(HttpResponse response, Sent sent, Fate fate) throws IOException {
    StringBuilder head = new StringBuilder("HTTP/1.1 ");
    head.append(response.status()).append(' ').append(HttpResponse.reason(response.status()));
    head.append("\r\nContent-Length: ").append(response.lengthBytes());
    if (fate == Fate.CLOSE) {
      head.append("\r\nConnection: close");
    }
    for (Headers.Field field : response.headers().fields()) {
      head.append("\r\n").append(field.name()).append(": ").append(field.value());
    }
    out.write(MessageReader.encode(head.append("\r\n\r\n").toString()));
    if (sent == Sent.WHOLE) {
      Counted counted = new Counted(out);
      response.content().write(counted);
      if (counted.bytes != response.lengthBytes()) {
        throw new AssertionError("announced " + response.lengthBytes() + ", sent " + counted.bytes);
      }
    }
  }

  /// Counts what passes.
  private static final class Counted extends FilterOutputStream {
    private long bytes;

    Counted(OutputStream out) {
      super(out);
    }

    @Override
    public void write(int b) throws IOException {
      out.write(b);
      bytes++;
    }

    @Override
    public void write(byte[] from, int at, int length) throws IOException {
      out.write(from, at, length);
      bytes += length;
    }
  }
}
