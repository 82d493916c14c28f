package dev.portcullis.net.http;

import dev.portcullis.net.host.NetworkHost;
import dev.portcullis.net.host.TcpSocket;
import dev.portcullis.net.packet.Ipv4Address;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;

/// Asks the HTTP server of another host, one connection for each request.
public final class HttpClient {
  private static final int COPY_BYTES = 65_536;
  private static final int MOST_INFORMATION = 10;

  private final NetworkHost host;
  private final Ipv4Address server;
  private final int port;
  private final Duration timeout;

  /// @param timeout how long to wait for the connection, for each part of an answer, and for room
  public HttpClient(NetworkHost host, Ipv4Address server, int port, Duration timeout) {
    this.host = host;
    this.server = server;
    this.port = port;
    this.timeout = timeout;
  }

  /// Fetches `target`, a path with or without a query, into `to`.
  ///
  /// @throws IOException if the connection fails or the answer is not HTTP
  public HttpReply get(String target, OutputStream to) throws IOException, InterruptedException {
    try (TcpSocket socket = connect()) {
      socket.output().write(head("GET", target, ""));
      return reply(socket, to);
    }
  }

  /// Sends `lengthBytes` bytes of `from` to `target`; what is answered goes to `to`.
  ///
  /// @throws IOException if the connection fails, the answer is not HTTP, or `from` ends early
  public HttpReply put(String target, InputStream from, long lengthBytes, OutputStream to)
      throws IOException, InterruptedException {
    try (TcpSocket socket = connect()) {
      OutputStream out = socket.output();
      out.write(head("PUT", target, "Content-Length: " + lengthBytes + "\r\n"));
      byte[] buffer = new byte[COPY_BYTES];
      long left = lengthBytes;
      while (left > 0) {
        int count = from.read(buffer, 0, (int) Math.min(buffer.length, left));
        if (count < 0) {
          socket.abort();
          throw new IOException("%d bytes too few to send".formatted(left));
        }
        out.write(buffer, 0, count);
        left -= count;
      }
      return reply(socket, to);
    }
  }

  private TcpSocket connect() throws IOException, InterruptedException {
    return host.connect(server, port, timeout).timeout(timeout);
  }

  private byte[] head(String method, String target, String more) {
    if (!Syntax.isTarget(target)) {
      throw new IllegalArgumentException("not a target: " + target);
    }
    return MessageReader.encode(
        "%s %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n%s\r\n"
            .formatted(method, target, server, more));
  }

  private static HttpReply reply(TcpSocket socket, OutputStream to) throws IOException {
    MessageReader in = new MessageReader(socket.input());
    for (int i = 0; i < MOST_INFORMATION; i++) {
      in.beginHead();
      int status = status(in.line());
      Headers headers = in.headers();
      if (status >= 200) {
        boolean bare = status == 204 || status == 304;
        Body body = new Body(in, bare ? 0 : MessageReader.bodyLength(headers), () -> {});
        return new HttpReply(status, headers, body.transferTo(to));
      }
    }
    throw new IOException("the server informs and does not answer");
  }

  private static int status(String line) throws IOException {
    if (!line.matches("HTTP/1\\.[0-9] [1-9][0-9][0-9]( .*)?")) {
      throw new IOException("the answer is not HTTP");
    }
    return Integer.parseInt(line.substring(9, 12));
  }
}
