package dev.portcullis.devices.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.net.host.Datagram;
import dev.portcullis.net.host.HostOptions;
import dev.portcullis.net.host.NetworkHost;
import dev.portcullis.net.host.TcpSocket;
import dev.portcullis.net.host.UdpSocket;
import dev.portcullis.net.http.HttpClient;
import dev.portcullis.net.http.HttpReply;
import dev.portcullis.net.packet.Ipv4Address;
import dev.portcullis.net.packet.MacAddress;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// The peer, as a host at its cable sees it.
class PeerTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Ipv4Address PEER = Ipv4Address.parse("10.9.0.1");
  private static final int ECHO = 7;

  private final Peer peer = new Peer();
  private final NetworkHost host =
      NetworkHost.attach(HostOptions.of(new MacAddress(0x0270_6300_0002L), "10.9.0.2/24"), peer);
  private final HttpClient http = new HttpClient(host, PEER, 80, PATIENCE);

  @AfterEach
  void close() {
    host.close();
    peer.close();
  }

  private static String text(ByteArrayOutputStream bytes) {
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Test
  void itAnswersPingAndCountsItsFrames() throws Exception {
    assertThat(host.ping(PEER, PATIENCE)).isPresent();
    assertThat(peer.statistics().framesIn()).isGreaterThanOrEqualTo(2);
    assertThat(peer.statistics().framesOut()).isGreaterThanOrEqualTo(2);
    assertThat(peer.statistics().dropped()).isZero();
  }

  @Test
  void itEchoesDatagramsButNotThoseOfAnotherEcho() throws Exception {
    try (UdpSocket echo = host.openUdp(ECHO);
        UdpSocket socket = host.openUdp(0)) {
      echo.send(new Datagram(PEER, ECHO, new byte[] {1}));
      socket.send(new Datagram(PEER, ECHO, new byte[] {2, 3}));
      assertThat(socket.receive(PATIENCE).orElseThrow().bytes()).containsExactly(2, 3);
      assertThat(echo.receive(Duration.ZERO)).isEmpty();
    }
  }

  @Test
  void itEchoesAStream() throws Exception {
    byte[] bytes = new RandomBytes(100_000, 1).readAllBytes();
    try (TcpSocket socket = host.connect(PEER, ECHO, PATIENCE)) {
      try (OutputStream out = socket.output()) {
        out.write(bytes);
      }
      assertThat(socket.input().readAllBytes()).isEqualTo(bytes);
    }
  }

  @Test
  void itsPageSaysWhoItIs() throws Exception {
    ByteArrayOutputStream page = new ByteArrayOutputStream();
    HttpReply reply = http.get("/", page);
    assertThat(reply.status()).isEqualTo(200);
    assertThat(text(page)).contains("Portcullis peer").contains("10.9.0.1");
    assertThat(http.get("/index", page).status()).isEqualTo(404);
    assertThat(http.put("/", new RandomBytes(9, 0), 9, page).headers().first("Allow"))
        .contains("GET, HEAD");
  }

  @Test
  void sixtyFourMebibytesComeWithTheirHash() throws Exception {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    HttpReply reply = http.get("/bytes?count=67108864&seed=5", new Digesting(digest));
    String hash = HexFormat.of().formatHex(digest.digest());
    assertThat(reply.bodyBytes()).isEqualTo(64L << 20);
    assertThat(reply.headers().first("X-SHA256")).contains(hash);
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    http.get("/sha256?count=67108864&seed=5", said);
    assertThat(text(said)).isEqualTo(hash + "\n");
  }

  /// A stream that only hashes.
  private static final class Digesting extends OutputStream {
    private final MessageDigest digest;

    Digesting(MessageDigest digest) {
      this.digest = digest;
    }

    @Override
    public void write(int b) {
      digest.update((byte) b);
    }

    @Override
    public void write(byte[] from, int at, int length) {
      digest.update(from, at, length);
    }
  }

  @Test
  void itsBytesAreThoseOfTheirSeed() throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    assertThat(http.get("/bytes?count=9", bytes).status()).isEqualTo(200);
    // The first output of SplitMix64 for seed 0 is e220a8397b1dcdaf.
    assertThat(HexFormat.of().formatHex(bytes.toByteArray())).startsWith("afcd1d7b39a820e2");
    assertThat(http.get("/bytes?count=1073741825", bytes).status()).isEqualTo(400);
    assertThat(http.get("/bytes?count=1&seed=-1", bytes).status()).isEqualTo(400);
    assertThat(http.get("/bytes", bytes).status()).isEqualTo(400);
  }

  @Test
  void itSaysWhatWasUploaded() throws Exception {
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    http.put("/upload", new RandomBytes(5_000_000, 7), 5_000_000, said);
    ByteArrayOutputStream hash = new ByteArrayOutputStream();
    http.get("/sha256?count=5000000&seed=7", hash);
    assertThat(text(said))
        .isEqualTo("{\"bytes\":5000000,\"sha256\":\"%s\"}\n".formatted(text(hash).strip()));
    assertThat(http.get("/upload", said).status()).isEqualTo(405);
  }

  @Test
  void anUploadThatIsTooLongIsRefusedBeforeItComes() throws Exception {
    try (TcpSocket socket = host.connect(PEER, 80, PATIENCE)) {
      socket
          .output()
          .write(
              "PUT /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 1073741825\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      assertThat(new String(socket.input().readNBytes(12), StandardCharsets.US_ASCII))
          .isEqualTo("HTTP/1.1 413");
    }
  }

  @Test
  void whenItIsGoneItsConnectionsAreToo() throws Exception {
    try (TcpSocket socket = host.connect(PEER, ECHO, PATIENCE)) {
      peer.close();
      assertThatThrownBy(() -> socket.input().read()).isInstanceOf(IOException.class);
    }
  }
}
