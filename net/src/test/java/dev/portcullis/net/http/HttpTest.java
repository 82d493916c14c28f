package dev.portcullis.net.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.net.Link;
import dev.portcullis.net.host.HostOptions;
import dev.portcullis.net.host.NetworkHost;
import dev.portcullis.net.host.TcpListener;
import dev.portcullis.net.host.TcpSocket;
import dev.portcullis.net.packet.MacAddress;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Server and client, and the server against clients that write by hand.
class HttpTest {
  private static final long SEED = 20261123;
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int PORT = 80;

  private NetworkHost server;
  private NetworkHost client;
  private NetworkHost friend;

  /// An end of a cable in memory.
  private static final class End implements Link {
    private volatile Consumer<byte[]> receiver = frame -> {};
    private final List<End> others = new ArrayList<>();

    @Override
    public void connect(Consumer<byte[]> to) {
      receiver = to;
    }

    @Override
    public void send(byte[] frame) {
      others.forEach(other -> other.receiver.accept(frame));
    }
  }

  @BeforeEach
  void open() throws IOException {
    End left = new End();
    End right = new End();
    End third = new End();
    left.others.addAll(List.of(right, third));
    right.others.add(left);
    third.others.add(left);
    server =
        NetworkHost.attach(HostOptions.of(new MacAddress(0x0270_6300_0001L), "10.9.0.1/24"), left);
    client =
        NetworkHost.attach(HostOptions.of(new MacAddress(0x0270_6300_0002L), "10.9.0.2/24"), right);
    friend =
        NetworkHost.attach(HostOptions.of(new MacAddress(0x0270_6300_0003L), "10.9.0.3/24"), third);
    HttpServer.start(server, PORT, HttpTest::answer);
  }

  @AfterEach
  void close() {
    client.close();
    friend.close();
    server.close();
  }

  private static HttpResponse answer(HttpRequest request) throws IOException {
    return switch (request.path()) {
      case "/" -> HttpResponse.text(200, "text/plain", "page").with("X-Extra", "yes");
      case "/echo" -> {
        byte[] bytes = request.body().readAllBytes();
        yield new HttpResponse(200, Headers.NONE, bytes.length, out -> out.write(bytes));
      }
      case "/zeroes" -> {
        int count = (int) request.number("count", 1000);
        yield new HttpResponse(200, Headers.NONE, count, out -> out.write(new byte[count]));
      }
      default -> throw new HttpException(404, "nothing there");
    };
  }

  private HttpClient asking() {
    return new HttpClient(client, server.address(), PORT, PATIENCE);
  }

  @Test
  void aPageIsFetched() throws Exception {
    ByteArrayOutputStream page = new ByteArrayOutputStream();
    HttpReply reply = asking().get("/", page);
    assertThat(page.toString(StandardCharsets.UTF_8)).isEqualTo("page");
    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.bodyBytes()).isEqualTo(4);
    assertThat(reply.headers().first("x-extra")).contains("yes");
  }

  @Test
  void aClientThatHoldsAllItCanGetKeepsNobodyOut() throws Exception {
    List<TcpSocket> held = new ArrayList<>();
    for (int i = 0; i < HttpServer.MOST_OF_ONE; i++) {
      held.add(client.connect(server.address(), PORT, PATIENCE));
    }
    for (int i = 0; i < HttpServer.MOST_CONNECTIONS; i++) {
      assertThatThrownBy(() ->
              client.connect(server.address(), PORT, PATIENCE).timeout(PATIENCE).input().read())
          .as("no more of its own")
          .isInstanceOf(IOException.class);
    }

    ByteArrayOutputStream page = new ByteArrayOutputStream();
    new HttpClient(friend, server.address(), PORT, PATIENCE).get("/", page);
    assertThat(page.toString(StandardCharsets.UTF_8)).isEqualTo("page");

    held.forEach(TcpSocket::abort);
    assertThat(answersAgain()).as("its share is its own again").isTrue();
  }

  /// The server hears a little later that a connection has ended.
  private boolean answersAgain() throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (System.nanoTime() < deadline) {
      try {
        return asking().get("/", OutputStream.nullOutputStream()).status() == 200;
      } catch (IOException stillHeld) {
        Thread.onSpinWait();
      }
    }
    return false;
  }

  @Test
  void whatIsNotThereIsSaidSo() throws Exception {
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    assertThat(asking().get("/nowhere", said).status()).isEqualTo(404);
    assertThat(said.toString(StandardCharsets.UTF_8)).isEqualTo("nothing there\n");
    assertThat(asking().get("/zeroes?count=1001", said).status()).isEqualTo(400);
    assertThat(asking().get("/zeroes?count=", said).status()).isEqualTo(400);
    assertThat(asking().get("/zeroes?a=b&count=77", said).bodyBytes()).isEqualTo(77);
  }

  @Test
  void anUploadComesBack() throws Exception {
    byte[] bytes = new byte[2_000_000];
    new Random(SEED).nextBytes(bytes);
    ByteArrayOutputStream back = new ByteArrayOutputStream();
    HttpReply reply = asking().put("/echo", new ByteArrayInputStream(bytes), bytes.length, back);
    assertThat(reply.status()).isEqualTo(200);
    assertThat(back.toByteArray()).isEqualTo(bytes);
  }

  @Test
  void anUploadThatIsShorterThanAnnouncedFails() {
    assertThatThrownBy(() ->
            asking()
                .put(
                    "/echo", new ByteArrayInputStream(new byte[5]), 6, new ByteArrayOutputStream()))
        .hasMessage("1 bytes too few to send");
  }

  /// Writes `request` and nothing more.
  ///
  /// @return all that the server answers
  private String say(String request) throws Exception {
    try (TcpSocket socket = client.connect(server.address(), PORT, PATIENCE)) {
      socket.output().write(request.getBytes(StandardCharsets.ISO_8859_1));
      socket.output().close();
      return new String(socket.input().readAllBytes(), StandardCharsets.ISO_8859_1);
    }
  }

  @Test
  void requestsFollowEachOtherOnOneConnection() throws Exception {
    String answer =
        say(
            "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
                + "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n"
                + "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nxyz"
                + "PUT /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "3;x=y\r\nabc\r\n0A\r\n0123456789\r\n0\r\nTrailer: 1\r\n\r\n"
                + "GET / HTTP/1.0\r\n\r\n"
                + "GET /never HTTP/1.1\r\nHost: a\r\n\r\n");
    assertThat(answer.split("HTTP/1.1 200 OK\r\n", -1)).hasSize(6);
    assertThat(answer)
        .contains("\r\n\r\nabc0123456789HTTP")
        .contains("Connection: close")
        .endsWith("page")
        .doesNotContain("404");
  }

  @Test
  void aClientThatWaitsIsToldToGoOn() throws Exception {
    String answer =
        say(
            "PUT /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n"
                + "Connection: close\r\n\r\nhi");
    assertThat(answer)
        .startsWith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n")
        .endsWith("hi");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          400 | GET / HTTP/1.1~~
          400 | GET / HTTP/1.1~Host: a~Host: b~~
          400 | GET  / HTTP/1.1~Host: a~~
          400 | GET /~~
          400 | GET /a b HTTP/1.1~Host: a~~
          400 | GET http://a/ HTTP/1.1~Host: a~~
          400 | G(T / HTTP/1.1~Host: a~~
          400 | GET / HTTP/11~Host: a~~
          505 | GET / HTTP/2.0~Host: a~~
          400 | GET / HTTP/1.1~Host : a~~
          400 | GET / HTTP/1.1~Host: a~ folded~~
          400 | GET / HTTP/1.1~nothing~~
          400 | PUT /echo HTTP/1.1~Host: a~Content-Length: 1~Content-Length: 1~~x
          400 | PUT /echo HTTP/1.1~Host: a~Content-Length: +1~~x
          400 | PUT /echo HTTP/1.1~Host: a~Content-Length: 1234567890123456789~~x
          400 | PUT /echo HTTP/1.1~Host: a~Content-Length: 1~Transfer-Encoding: chunked~~x
          501 | PUT /echo HTTP/1.1~Host: a~Transfer-Encoding: gzip~~x
          400 | PUT /echo HTTP/1.1~Host: a~Transfer-Encoding: chunked~~-1~x~
          400 | PUT /echo HTTP/1.1~Host: a~Transfer-Encoding: chunked~~2~xyz~0~~
          417 | GET / HTTP/1.1~Host: a~Expect: miracles~~
          """)
  void whatIsWrittenOtherwiseIsRefused(int status, String request) throws Exception {
    assertThat(say(request.replace("~", "\r\n"))).startsWith("HTTP/1.1 " + status + " ");
  }

  @Test
  void lineEndsAreCrLf() throws Exception {
    assertThat(say("GET / HTTP/1.1\nHost: a\n\n")).startsWith("HTTP/1.1 400 ");
    assertThat(say("GET / HTTP/1.1\rHost: a\r\r")).startsWith("HTTP/1.1 400 ");
  }

  @Test
  void headsHaveLimits() throws Exception {
    String long_ = "GET /" + "a".repeat(MessageReader.MOST_HEAD_BYTES) + " HTTP/1.1\r\n\r\n";
    assertThat(say(long_)).startsWith("HTTP/1.1 431 ");
    String many = "GET / HTTP/1.1\r\n" + "A: b\r\n".repeat(MessageReader.MOST_FIELDS + 1) + "\r\n";
    assertThat(say(many)).startsWith("HTTP/1.1 431 ");
  }

  /// Bytes at random, and true requests with some bytes changed: the server still answers others.
  @Test
  void noRequestKeepsItFromAnswering() throws Exception {
    Random random = new Random(SEED);
    String sound = "PUT /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody";
    for (int round = 0; round < 300; round++) {
      StringBuilder request = new StringBuilder(sound);
      for (int i = 0; i < 1 + random.nextInt(5); i++) {
        request.setCharAt(random.nextInt(request.length()), (char) random.nextInt(256));
      }
      String said = sayRudely(request.toString());
      assertThat(said.isEmpty() || said.startsWith("HTTP/1.1 ")).as(said).isTrue();
    }
    aPageIsFetched();
  }

  /// The same, for what may end in the middle of a message: that ends the connection.
  private String sayRudely(String request) throws Exception {
    try {
      return say(request);
    } catch (IOException e) {
      assertThat(e).hasMessage("connection reset by peer");
      return "";
    }
  }

  /// What the server in `raw` writes, as the client sees it.
  private HttpReply readReply(String raw) throws Exception {
    try (TcpListener listener = server.listen(81)) {
      var writing =
          CompletableFuture.runAsync(() -> {
            try (TcpSocket socket = listener.accept(PATIENCE).orElseThrow()) {
              socket.output().write(raw.getBytes(StandardCharsets.ISO_8859_1));
              socket.output().close();
              socket.input().readAllBytes();
            } catch (IOException | InterruptedException e) {
              throw new AssertionError(e);
            }
          });
      try {
        return new HttpClient(client, server.address(), 81, PATIENCE)
            .get("/", new ByteArrayOutputStream());
      } finally {
        writing.handle((nothing, failure) -> nothing).get();
      }
    }
  }

  @Test
  void aClientTakesAllWaysToTellALengthAndRefusesWhatIsNone() throws Exception {
    assertThat(readReply("HTTP/1.0 200 OK\r\n\r\nto the end").bodyBytes()).isEqualTo(10);
    assertThat(
            readReply(
                    "HTTP/1.1 100 Continue\r\n\r\n"
                        + "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                        + "2\r\nab\r\n0\r\n\r\n")
                .bodyBytes())
        .isEqualTo(2);
    assertThatThrownBy(() -> readReply("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab"))
        .isInstanceOf(IOException.class);
    assertThatThrownBy(() -> readReply("SSH-2.0\r\n\r\n")).hasMessage("the answer is not HTTP");
  }
}
