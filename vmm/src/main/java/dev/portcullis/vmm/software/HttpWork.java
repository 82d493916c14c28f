package dev.portcullis.vmm.software;

import dev.portcullis.net.host.NetworkHost;
import dev.portcullis.net.http.HttpClient;
import dev.portcullis.net.http.HttpReply;
import dev.portcullis.net.packet.Ipv4Address;
import dev.portcullis.vmm.software.Client.ClientException;
import dev.portcullis.vmm.software.Client.Moved;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.DigestInputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What a client does with the HTTP server of another host when it is asked to.
final class HttpWork {
  private static final int PORT = 80;
  private static final int OK = 200;
  private static final int MOST_TEXT_BYTES = 1 << 20;
  private static final Pattern UPLOADED =
      Pattern.compile("\\{\"bytes\":(\\d+),\"sha256\":\"([0-9a-f]{64})\"\\}");

  private final HttpClient http;

  HttpWork(NetworkHost host, Ipv4Address server, Duration limit) {
    this.http = new HttpClient(host, server, PORT, limit);
  }

  /// A page as text; a long one fails.
  String page(String path) throws IOException, InterruptedException, ClientException {
    Text text = new Text();
    require(path, http.get(path, text));
    return text.toString();
  }

  /// The same as bytes.
  byte[] content(String path) throws IOException, InterruptedException, ClientException {
    Text text = new Text();
    require(path, http.get(path, text));
    return text.bytes.toByteArray();
  }

  private static void require(String path, HttpReply reply) throws ClientException {
    if (reply.status() != OK) {
      throw new ClientException("%s: status %d".formatted(path, reply.status()));
    }
  }

  /// Fetches bytes of the server's and compares their hash with what it says, then sends bytes of
  /// its own and lets it say theirs.
  ///
  /// @return of the first way that failed, else of the way there
  Moved transfer(long bytes) throws IOException, InterruptedException, ClientException {
    SplittableRandom random = new SplittableRandom();
    String choice = "?count=%d&seed=%d".formatted(bytes, random.nextInt(Integer.MAX_VALUE));
    long start = System.nanoTime();
    MessageDigest fetched = DiskWork.sha256();
    HttpReply reply =
        http.get(
            "/bytes" + choice, new DigestOutputStream(OutputStream.nullOutputStream(), fetched));
    require("/bytes", reply);
    MessageDigest sent = DiskWork.sha256();
    Text answer = new Text();
    InputStream content = new DigestInputStream(content(bytes, random), sent);
    require("/upload", http.put("/upload", content, bytes, answer));
    Duration took = Duration.ofNanos(System.nanoTime() - start);
    String hash = page("/sha256" + choice).strip();
    String came = HexFormat.of().formatHex(fetched.digest());
    if (reply.bodyBytes() != bytes || !came.equals(hash)) {
      return new Moved(bytes, hash, came, took);
    }
    Matcher said = UPLOADED.matcher(answer.toString().strip());
    if (!said.matches() || !said.group(1).equals(Long.toString(bytes))) {
      throw new ClientException("/upload: not all has come: " + answer);
    }
    return new Moved(bytes, HexFormat.of().formatHex(sent.digest()), said.group(2), took);
  }

  private static InputStream content(long bytes, SplittableRandom random) {
    return new InputStream() {
      private long left = bytes;

      @Override
      public int read() {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
      }

      @Override
      public int read(byte[] to, int at, int length) {
        if (left == 0) {
          return -1;
        }
        byte[] some = new byte[(int) Math.min(left, length)];
        random.nextBytes(some);
        System.arraycopy(some, 0, to, at, some.length);
        left -= some.length;
        return some.length;
      }
    };
  }

  /// Text of a bounded length.
  private static final class Text extends OutputStream {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] from, int at, int length) throws IOException {
      if (bytes.size() + length > MOST_TEXT_BYTES) {
        throw new IOException("a page of more than 1 MiB");
      }
      bytes.write(from, at, length);
    }

    @Override
    public String toString() {
      return bytes.toString(StandardCharsets.UTF_8);
    }
  }
}
