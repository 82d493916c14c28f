package dev.portcullis.devices.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.devices.FakeHost;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Frames over stream sockets, and peers that speak something else.
class StreamWireIT {
  @TempDir private Path folder;

  private UnixDomainSocketAddress socket() {
    return UnixDomainSocketAddress.of(folder.resolve("wire.sock"));
  }

  private static byte[] frame(int lengthBytes) {
    byte[] frame = new byte[lengthBytes];
    new Random(lengthBytes).nextBytes(frame);
    return frame;
  }

  private static BlockingQueue<byte[]> listen(StreamWire wire) {
    BlockingQueue<byte[]> received = new LinkedBlockingQueue<>();
    wire.connect(received::add);
    return received;
  }

  private static byte[] next(BlockingQueue<byte[]> received) throws InterruptedException {
    return received.poll(20, TimeUnit.SECONDS);
  }

  private static void awaitPeer(StreamWire wire) {
    FakeHost.await("a peer", wire::isConnected);
  }

  @Test
  void framesGoBothWaysAndKeepTheirBounds() throws Exception {
    try (StreamWire server = StreamWire.listening(socket());
        StreamWire client = StreamWire.connecting(socket())) {
      var atServer = listen(server);
      var atClient = listen(client);
      awaitPeer(server);
      awaitPeer(client);
      for (int lengthBytes : new int[] {14, 60, 1518, StreamWire.LONGEST_FRAME}) {
        client.send(frame(lengthBytes));
        server.send(frame(lengthBytes));
        assertThat(next(atServer)).isEqualTo(frame(lengthBytes));
        assertThat(next(atClient)).isEqualTo(frame(lengthBytes));
      }
    }
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void theLengthComesFirstMostSignificantByteFirst() throws Exception {
    try (StreamWire server = StreamWire.listening(socket());
        SocketChannel peer = SocketChannel.open(socket())) {
      awaitPeer(server);
      server.send(frame(300));
      var in = new DataInputStream(Channels.newInputStream(peer));
      assertThat(in.readInt()).isEqualTo(300);
      assertThat(in.readNBytes(300)).isEqualTo(frame(300));
    }
  }

  @Test
  void aClientFindsAServerThatComesLaterAndOneThatComesBack() throws Exception {
    try (StreamWire client = StreamWire.connecting(socket())) {
      for (int round = 0; round < 2; round++) {
        try (StreamWire server = StreamWire.listening(socket())) {
          var atServer = listen(server);
          awaitPeer(client);
          client.send(frame(60));
          assertThat(next(atServer)).isEqualTo(frame(60));
        }
        FakeHost.await("the end of the connection", () -> !client.isConnected());
      }
    }
  }

  @Test
  void aPortServesAsWell() throws Exception {
    int free;
    try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      free = probe.getLocalPort();
    }
    var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), free);
    try (StreamWire server = StreamWire.listening(address);
        StreamWire client = StreamWire.connecting(address)) {
      var atServer = listen(server);
      awaitPeer(client);
      awaitPeer(server);
      client.send(frame(1000));
      assertThat(next(atServer)).isEqualTo(frame(1000));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, Integer.MIN_VALUE, StreamWire.LONGEST_FRAME + 1, 0x4745_5420})
  void aLengthThatNoFrameHasEndsTheConnectionAndNoMore(int length) throws Exception {
    try (StreamWire server = StreamWire.listening(socket())) {
      var atServer = listen(server);
      try (SocketChannel hostile = SocketChannel.open(socket())) {
        hostile.write(ByteBuffer.allocate(8).putInt(length).flip());
        assertThat(hostile.read(ByteBuffer.allocate(1))).isEqualTo(-1);
      }
      try (StreamWire client = StreamWire.connecting(socket())) {
        awaitPeer(client);
        FakeHost.await("a frame after all", () -> sendsAndArrives(client, atServer));
      }
    }
  }

  private static boolean sendsAndArrives(StreamWire from, BlockingQueue<byte[]> at) {
    from.send(frame(64));
    return at.poll() != null;
  }

  @Test
  void aPeerThatDoesNotReadCostsFramesAndHoldsNobodyUp() throws Exception {
    try (StreamWire server = StreamWire.listening(socket());
        SocketChannel lazy = SocketChannel.open(socket())) {
      awaitPeer(server);
      byte[] large = frame(60_000);
      int sent = 0;
      while (server.lost() == 0) {
        server.send(large);
        assertThat(++sent).as("a bound to what waits").isLessThan(10_000);
      }
      assertThat(lazy.isConnected()).isTrue();
    }
  }

  @Test
  void aPartOfAFrameIsNone() throws Exception {
    try (StreamWire server = StreamWire.listening(socket())) {
      var atServer = listen(server);
      try (SocketChannel peer = SocketChannel.open(socket())) {
        peer.write(ByteBuffer.allocate(50).putInt(60).rewind());
      }
      try (SocketChannel peer = SocketChannel.open(socket())) {
        peer.write(ByteBuffer.allocate(64).putInt(60).rewind());
        assertThat(next(atServer)).hasSize(60);
      }
      assertThat(atServer).isEmpty();
    }
  }

  @Test
  void aPlaceThatIsTakenIsRefusedAndAStaleSocketReplaced() throws Exception {
    try (StreamWire first = StreamWire.listening(socket())) {
      assertThat(first.isConnected()).isFalse();
      assertThatThrownBy(() -> StreamWire.listening(socket())).isInstanceOf(IOException.class);
    }
    var stale = java.nio.channels.ServerSocketChannel.open(java.net.StandardProtocolFamily.UNIX);
    stale.bind(socket()).close();
    StreamWire.listening(socket()).close();
    Path file = Files.writeString(folder.resolve("wire.sock"), "mine");
    assertThatThrownBy(() -> StreamWire.listening(socket())).isInstanceOf(IOException.class);
    assertThat(file).hasContent("mine");
  }
}
