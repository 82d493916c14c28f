package dev.portcullis.qtest.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.qtest.server.FakeMachine;
import dev.portcullis.qtest.server.QtestServer;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class QtestConnectionIT {
  @TempDir private Path folder;

  private Path socket;
  private QtestServer server;

  @BeforeEach
  void listen() throws Exception {
    socket = folder.resolve("qtest.sock");
    server = QtestServer.listen(socket);
    Thread.ofPlatform().daemon().name("qtest server").start(this::serve);
  }

  private void serve() {
    FakeMachine machine = new FakeMachine();
    try {
      while (true) {
        server.serveNext(machine);
      }
    } catch (IOException closed) {
      Thread.currentThread().interrupt();
    }
  }

  @AfterEach
  void close() throws Exception {
    server.close();
    assertThat(socket).doesNotExist();
  }

  @Test
  void whatIsWrittenIsRead() throws Exception {
    try (QtestClient client = QtestClient.connect(socket)) {
      client.write(0x100, 8, 0x1122_3344_5566_7788L);
      client.write(0x102, 1, 0xff);
      client.out(0xcf8, 4, 0x8000_0000L);

      assertThat(client.read(0x100, 8)).isEqualTo(0x1122_3344_55ff_7788L);
      assertThat(client.in(0xcf8, 4)).isEqualTo(0x8000_0000L);
    }
  }

  @Test
  void thousandsOfCommandsAndTheirLongAnswersPassEachOther() throws Exception {
    byte[] bytes = new byte[FakeMachine.BYTES];
    new Random(1).nextBytes(bytes);
    try (QtestClient client = QtestClient.connect(socket)) {
      client.writeBytes(0, bytes);
      List<Later> words = new ArrayList<>();
      for (int i = 0; i < 50_000; i++) {
        words.add(client.readLater(i % 1000, 1));
      }

      for (int i = 0; i < words.size(); i++) {
        assertThat(words.get(i).value()).isEqualTo(bytes[i % 1000] & 0xff);
      }
      assertThat(client.readBytes(0, bytes.length)).isEqualTo(bytes);
      client.fill(0, bytes.length, (byte) 7);
      Arrays.fill(bytes, (byte) 7);
      assertThat(client.readBytes(0, bytes.length)).isEqualTo(bytes);
    }
  }

  @Test
  void interceptedInterruptsAreKeptUntilTheyAreTaken() throws Exception {
    try (QtestClient client = QtestClient.connect(socket)) {
      client.intercept("pins");
      client.command("set_irq_in pins unnamed-gpio-in 5 1");
      client.command("set_irq_in pins unnamed-gpio-in 5 0");

      assertThat(client.takeInterrupt()).hasValue(new Interrupt(5, Interrupt.Change.RAISE));
      assertThat(client.takeInterrupt()).hasValue(new Interrupt(5, Interrupt.Change.LOWER));
      assertThat(client.takeInterrupt()).isEmpty();
    }
  }

  @Test
  void aRefusedCommandIsOneException_andTheConnectionGoesOn() throws Exception {
    try (QtestClient client = QtestClient.connect(socket)) {
      assertThatThrownBy(() -> client.command("nonsense"))
          .isInstanceOf(QtestException.class)
          .hasMessageContaining("Unknown command 'nonsense'");
      long now = client.stepClock(10);
      assertThat(client.stepClock(5)).isEqualTo(now + 5);
    }
  }

  @Test
  void theNextPeerIsServedWhenOneVanishesInTheMiddleOfALine() throws Exception {
    try (SocketChannel rude = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      rude.write(ByteBuffer.wrap("b64read 0 0x1".getBytes()));
    }
    try (SocketChannel deaf = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      deaf.write(ByteBuffer.wrap("b64read 0 0x800000\n".getBytes()));
    }
    try (QtestClient client = QtestClient.connect(socket)) {
      assertThat(client.command("endianness")).isEqualTo("little");
    }
  }

  @Test
  void aMachineThatVanishesIsOneException() throws Exception {
    Path other = folder.resolve("other.sock");
    try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      listener.bind(UnixDomainSocketAddress.of(other));
      try (QtestClient client = QtestClient.connect(other)) {
        listener.accept().close();
        assertThatThrownBy(() -> client.read(0, 4)).isInstanceOf(QtestException.class);
      }
    }
  }

  @Test
  void aSocketThatIsServedIsNotTakenAway_nobodysIsReplaced() throws Exception {
    assertThatThrownBy(() -> QtestServer.listen(socket)).isInstanceOf(IOException.class);
    Path file = Files.writeString(folder.resolve("file"), "not a socket");
    assertThatThrownBy(() -> QtestServer.listen(file)).isInstanceOf(IOException.class);
    Path old = folder.resolve("old.sock");
    try (ServerSocketChannel left = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      left.bind(UnixDomainSocketAddress.of(old));
    }
    QtestServer.listen(old).close();
    assertThat(old).doesNotExist();
  }
}
