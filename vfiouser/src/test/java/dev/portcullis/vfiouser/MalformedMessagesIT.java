package dev.portcullis.vfiouser;

import static dev.portcullis.vfiouser.Served.assertLeaksNothing;
import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.linux.Descriptor;
import dev.portcullis.linux.Errno;
import dev.portcullis.linux.Event;
import dev.portcullis.linux.LinuxException;
import dev.portcullis.vfiouser.client.HostilePeer;
import dev.portcullis.vfiouser.client.VfioUserClient;
import dev.portcullis.vfiouser.wire.Header;
import dev.portcullis.vfiouser.wire.Wire;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Whatever a peer sends, it gets an error number or loses its connection, at the price of one line
/// in the log; nobody else notices, and nothing is left behind.
class MalformedMessagesIT {
  private static final int COMMAND = 0;
  private static final int REPLY = 1;

  /// Another server, with a client that is to notice nothing.
  private static Served other;

  private static VfioUserClient bystander;

  /// What is sent after a good handshake, and what comes of it.
  ///
  /// @param errno of the reply, `null` if the connection just closes
  record Case(String name, byte[] bytes, Errno errno) {
    @Override
    public String toString() {
      return name;
    }
  }

  @BeforeAll
  static void serveAnother() throws Exception {
    other = new Served();
    bystander = other.client();
  }

  @AfterAll
  static void stopOther() throws Exception {
    bystander.close();
    other.close();
  }

  static Stream<Case> headers() {
    return Stream.of(
        closes("a size of 0", header(1, 4, 0, COMMAND)),
        closes("a size less than the header", header(1, 4, 15, COMMAND)),
        closes("a size beyond the bound", header(1, 10, Wire.MAX_MESSAGE_BYTES + 1, COMMAND)),
        closes("the largest size there is", header(1, 10, -1, COMMAND)),
        closes("a type that is neither command nor reply", header(1, 4, 16, 2)),
        closes("type 15", header(1, 4, 16, 15)),
        closes("a reply nobody asked for", header(1, 11, 16, REPLY)),
        closes("a reply to a write nobody made", header(0x8001, 12, 16, REPLY)),
        closes("a reply to a command of its own", header(1, 4, 16, REPLY)),
        refused("command 0", Errno.EINVAL, message(0)),
        refused("command 19", Errno.EINVAL, message(19)),
        refused("command 65535", Errno.EINVAL, message(65535)),
        refused("a second handshake", Errno.EINVAL, message(1, ints(0))),
        refused("a command of the server's", Errno.EINVAL, message(11, longs(0, 8))),
        refused("dirty pages", Errno.ENOTSUP, message(14)),
        refused("a device feature", Errno.ENOTSUP, message(16, ints(8, 1 << 16))),
        refused("migration data", Errno.ENOTSUP, message(17, ints(8, 8))));
  }

  static Stream<Case> payloads() {
    return Stream.of(
        refused("device info without a payload", Errno.EINVAL, message(4)),
        refused("device info too long", Errno.EINVAL, message(4, ints(16, 0, 0, 0, 0))),
        refused("device info with too little room", Errno.EINVAL, message(4, ints(15, 0, 0, 0))),
        refused("region info too short", Errno.EINVAL, message(5, ints(32, 0, 0))),
        refused(
            "region info with too little room",
            Errno.EINVAL,
            message(5, ints(31, 0, 0, 0, 0, 0, 0, 0))),
        refused("region 9", Errno.EINVAL, message(5, ints(32, 0, 9, 0, 0, 0, 0, 0))),
        refused("region -1", Errno.EINVAL, message(5, ints(32, 0, -1, 0, 0, 0, 0, 0))),
        refused("descriptors of region 9", Errno.EINVAL, message(6, ints(16, 0, 9, 0))),
        refused("interrupt info too short", Errno.EINVAL, message(7, ints(16, 0, 0))),
        refused("interrupt type 5", Errno.EINVAL, message(7, ints(16, 0, 5, 0))),
        refused("interrupt type -1", Errno.EINVAL, message(7, ints(16, 0, -1, 0))),
        refused("a reset with a payload", Errno.EINVAL, message(13, ints(0))),
        refused("a read too short", Errno.EINVAL, message(9, ints(0, 0, 0))),
        refused("a read with data", Errno.EINVAL, message(9, ints(0, 0, 0, 4, 0))),
        refused("a read of nothing", Errno.EINVAL, message(9, ints(0, 0, 0, 0))),
        refused("a read beyond the bound", Errno.EINVAL, message(9, ints(0, 0, 7, 0x10_0001))),
        refused("a read of 2^32 - 1 bytes", Errno.EINVAL, message(9, ints(0, 0, 7, -1))),
        refused("a read across the end", Errno.EINVAL, message(9, ints(4094, 0, 7, 4))),
        refused("a read that wraps around", Errno.EINVAL, message(9, ints(-4, -1, 7, 8))),
        refused("a read of region 2^31", Errno.EINVAL, message(9, ints(0, 0, 1 << 31, 4))),
        refused("a write without data", Errno.EINVAL, message(10, ints(0, 0, 0, 4))),
        refused("a write with less data than said", Errno.EINVAL, message(10, ints(0, 0, 0, 8, 0))),
        refused("a write with more data than said", Errno.EINVAL, message(10, ints(0, 0, 0, 1, 0))),
        refused("a write of nothing", Errno.EINVAL, message(10, ints(0, 0, 0, 0))),
        refused("several writes, no count", Errno.EINVAL, message(15)),
        refused("several writes, less than said", Errno.EINVAL, message(15, ints(1, 0))),
        refused("2^63 writes", Errno.EINVAL, message(15, ints(0, 1 << 31))),
        refused("2^61 writes, 0 bytes in all", Errno.EINVAL, message(15, ints(0, 1 << 29))),
        refused(
            "one of several writes too long",
            Errno.EINVAL,
            message(15, ints(1, 0, 0, 0, 0, 9, 0, 0))));
  }

  static Stream<Case> memoryAndInterrupts() {
    return Stream.of(
        refused("a map too short", Errno.EINVAL, message(2, ints(32, 3, 0, 0, 0, 0, 4096))),
        refused("a map too long", Errno.EINVAL, message(2, ints(32, 3, 0, 0, 0, 0, 4096, 0, 0))),
        refused("a map of argsz 0", Errno.EINVAL, message(2, ints(0, 3, 0, 0, 0, 0, 4096, 0))),
        refused("a map of nothing", Errno.EINVAL, message(2, ints(32, 3, 0, 0, 0, 0, 0, 0))),
        refused("a map of all there is", Errno.EINVAL, message(2, ints(32, 3, 0, 0, 0, 0, 0, -1))),
        refused("an unmap too short", Errno.EINVAL, message(3, ints(24, 0, 0, 0, 4096))),
        refused("an unmap too long", Errno.EINVAL, message(3, ints(24, 0, 0, 0, 4096, 0, 0))),
        refused("an unmap of nothing", Errno.EINVAL, message(3, ints(24, 0, 0, 0, 0, 0))),
        refused("an unmap of the unmapped", Errno.ENOENT, message(3, ints(24, 0, 0, 0, 4096, 0))),
        refused(
            "an unmap with a bitmap",
            Errno.ENOTSUP,
            message(3, ints(40, 1, 0, 0, 4096, 0, 4096, 0, 8, 0))),
        refused("interrupts too short", Errno.EINVAL, message(8, ints(20, 0x21, 0, 0))),
        refused("interrupts without flags", Errno.EINVAL, message(8, ints(20, 0, 0, 0, 1))),
        refused("interrupts with all flags", Errno.EINVAL, message(8, ints(20, 0x3f, 0, 0, 1))),
        refused("interrupts, unknown flag", Errno.EINVAL, message(8, ints(20, 0x61, 0, 0, 1))),
        refused("interrupts of type 5", Errno.EINVAL, message(8, ints(20, 0x21, 5, 0, 1))),
        refused("interrupts, all of them", Errno.EINVAL, message(8, ints(20, 0x21, 2, 0, -1))),
        refused("interrupts from the end", Errno.EINVAL, message(8, ints(20, 0x21, 2, -1, 1))),
        refused("booleans that are missing", Errno.EINVAL, message(8, ints(20, 0x22, 2, 0, 8))),
        refused("2^32 - 1 booleans", Errno.EINVAL, message(8, ints(20, 0x22, 2, 0, -1))),
        refused("a count of 0 to mask", Errno.EINVAL, message(8, ints(20, 0x9, 0, 0, 0))));
  }

  @ParameterizedTest
  @MethodSource({"headers", "payloads", "memoryAndInterrupts"})
  void isRefusedOrClosesTheConnectionWithOneLineInTheLog(Case sent) throws Exception {
    try (Served served = new Served()) {
      assertLeaksNothing(() -> {
        try (HostilePeer peer = agreed(served)) {
          peer.send(sent.bytes(), List.of());
          Header answer = peer.receive();
          if (sent.errno() == null) {
            assertThat(answer).isNull();
          } else {
            assertRefusal(answer, sent.errno());
            peer.send(message(4, ints(16, 0, 0, 0)), List.of());
            assertThat(peer.receive().isError()).isFalse();
          }
        }
        served.awaitNobody();
        return null;
      });
      assertThat(served.log.soFar()).hasSize(1);
      assertThat(served.log.soFar().getFirst()).startsWith("vfio-user 00:05.0: ");
      try (VfioUserClient next = served.client()) {
        assertThat(next.deviceInfo().regions()).isEqualTo(9);
      }
    }
    assertThat(bystander.deviceInfo().regions()).isEqualTo(9);
  }

  static Stream<Case> handshakes() {
    return Stream.of(
        refused("another command first", Errno.EINVAL, message(4, ints(16, 0, 0, 0))),
        refused("a version too short", Errno.EINVAL, message(1, new byte[2])),
        refused("version 1.0", Errno.ENOTSUP, version(1, "{}\0")),
        refused("no NUL", Errno.EINVAL, version(0, "{}")),
        refused("nothing but NUL", Errno.EINVAL, version(0, "\0")),
        refused("no JSON", Errno.EINVAL, version(0, "{]\0")),
        refused("JSON that breaks off", Errno.EINVAL, version(0, "{\"capabilities\":{\0")),
        refused("two JSON texts", Errno.EINVAL, version(0, "{}{}\0")),
        refused("an array", Errno.EINVAL, version(0, "[]\0")),
        refused("capabilities in an array", Errno.EINVAL, version(0, "{\"capabilities\":[]}\0")),
        refused("a number too large", Errno.EINVAL, capability("\"max_msg_fds\":1e999")),
        refused(
            "a number beyond 64 bits",
            Errno.EINVAL,
            capability("\"max_msg_fds\":" + "9".repeat(30))),
        refused("a text for a number", Errno.EINVAL, capability("\"max_msg_fds\":\"16\"")),
        refused("a number for a boolean", Errno.EINVAL, capability("\"write_multiple\":1")),
        refused("transfers of nothing", Errno.EINVAL, capability("\"max_data_xfer_size\":0")),
        refused("transfers less than that", Errno.EINVAL, capability("\"max_data_xfer_size\":-1")),
        refused("deep nesting", Errno.EINVAL, version(0, "[".repeat(10_000) + "\0")),
        refused("a long text", Errno.EINVAL, version(0, " ".repeat(100_000) + "\0")),
        closes("a reply first", header(1, 1, 16, REPLY)));
  }

  @ParameterizedTest
  @MethodSource("handshakes")
  void aBadHandshakeIsAnsweredAndClosed(Case sent) throws Exception {
    try (Served served = new Served()) {
      try (HostilePeer peer = new HostilePeer(served.server.socket())) {
        peer.send(sent.bytes(), List.of());
        if (sent.errno() != null) {
          assertRefusal(peer.receive(), sent.errno());
        }
        assertThat(peer.receive()).isNull();
      }
      served.awaitNobody();
      assertThat(served.log.soFar()).hasSize(1);
      try (VfioUserClient next = served.client()) {
        assertThat(next.deviceInfo().regions()).isEqualTo(9);
      }
    }
  }

  @Test
  void surplusDescriptorsAreRefusedAndClosed() throws Exception {
    try (Served served = new Served();
        Descriptor event = Event.create()) {
      assertLeaksNothing(() -> {
        try (HostilePeer peer = agreed(served)) {
          peer.send(message(4, ints(16, 0, 0, 0)), List.of(event));
          assertRefusal(peer.receive(), Errno.EINVAL);
          peer.send(message(13), Collections.nCopies(16, event));
          assertRefusal(peer.receive(), Errno.EINVAL);
          peer.send(message(13), Collections.nCopies(17, event));
          assertThat(peer.receive()).isNull();
        }
        served.awaitNobody();
        return null;
      });
      assertThat(served.log.soFar()).hasSize(3);
    }
  }

  @Test
  void descriptorsSprinkledOverOneMessageAreBounded() throws Exception {
    try (Served served = new Served();
        Descriptor event = Event.create()) {
      assertLeaksNothing(() -> {
        try (HostilePeer peer = agreed(served)) {
          byte[] message = message(10, ints(0, 0, 0, 4, 0));
          for (int i = 0; i < message.length; i++) {
            peer.send(new byte[] {message[i]}, Collections.nCopies(16, event));
          }
          assertThat(peer.receive()).isNull();
        } catch (LinuxException broken) {
          assertThat(broken.errno()).isEqualTo(Errno.EPIPE);
        }
        served.awaitNobody();
        return null;
      });
      assertThat(served.log.soFar()).hasSize(1);
    }
  }

  @Test
  void aMessageInSinglePiecesIsUnderstood() throws Exception {
    try (Served served = new Served();
        HostilePeer peer = agreed(served)) {
      for (byte one : message(4, ints(16, 0, 0, 0))) {
        peer.send(new byte[] {one}, List.of());
      }
      assertThat(peer.receive().isError()).isFalse();
    }
  }

  @Test
  void severalMessagesAtOnceAreAnsweredOneByOne() throws Exception {
    try (Served served = new Served();
        HostilePeer peer = agreed(served)) {
      byte[] all = new byte[0];
      for (int i = 0; i < 1000; i++) {
        byte[] one = message(4, ints(16, 0, 0, 0));
        one[0] = (byte) i;
        all = Arrays.copyOf(all, all.length + one.length);
        System.arraycopy(one, 0, all, all.length - one.length, one.length);
      }
      peer.send(all, List.of());
      for (int i = 0; i < 1000; i++) {
        assertThat(peer.receive().id()).isEqualTo(i & 0xff);
      }
    }
  }

  @Test
  void aMessageThatBreaksOffClosesTheConnection() throws Exception {
    for (int length : new int[] {1, 15, 16, 20}) {
      try (Served served = new Served()) {
        try (HostilePeer peer = agreed(served)) {
          peer.send(Arrays.copyOf(message(4, ints(16, 0, 0, 0)), length), List.of());
        }
        Served.await(() -> served.log.soFar().size() == 1);
        assertThat(served.log.soFar().getFirst()).contains("in the middle");
      }
    }
  }

  @Test
  void whoStopsInAMessageOrSaysNothingAtAllIsSentAway() throws Exception {
    try (Served served = new Served()) {
      try (HostilePeer slow = agreed(served)) {
        slow.send(Arrays.copyOf(message(4, ints(16, 0, 0, 0)), 17), List.of());
        assertThat(slow.receive()).isNull();
      }
      try (HostilePeer silent = new HostilePeer(served.server.socket())) {
        assertThat(silent.receive()).isNull();
      }
      Served.await(() -> served.log.soFar().size() == 2);
      assertThat(served.log.soFar()).allMatch(line -> line.contains("keeps us waiting"));
    }
  }

  @Test
  void whoTakesNoAnswersIsSentAway() throws Exception {
    try (Served served = new Served();
        HostilePeer greedy = agreed(served)) {
      byte[] ask = message(9, ints(0, 0, 7, 4096));
      Thread asking =
          Thread.ofPlatform()
              .start(() -> {
                try {
                  for (int i = 0; i < 100_000; i++) {
                    greedy.send(ask, List.of());
                  }
                } catch (LinuxException closed) {
                  assertThat(closed.errno()).isIn(Errno.EPIPE, Errno.ECONNRESET);
                }
              });
      served.awaitNobody();
      asking.join();
      assertThat(served.log.soFar()).hasSize(1);
    }
  }

  @Test
  void aClientThatOnlyEverErrsCannotFillTheLog() throws Exception {
    try (Served served = new Served();
        HostilePeer peer = agreed(served)) {
      for (int i = 0; i < 1000; i++) {
        peer.send(message(0), List.of());
        assertRefusal(peer.receive(), Errno.EINVAL);
      }
      assertThat(served.log.soFar()).hasSizeLessThan(50);
    }
  }

  private static HostilePeer agreed(Served served) throws LinuxException {
    HostilePeer peer = new HostilePeer(served.server.socket());
    peer.send(version(0, "{\"capabilities\":{\"max_msg_fds\":16}}\0"), List.of());
    assertThat(peer.receive().isError()).isFalse();
    return peer;
  }

  private static void assertRefusal(Header answer, Errno errno) {
    assertThat(answer).isNotNull();
    assertThat(answer.id()).isEqualTo(7);
    assertThat(answer.isReply()).isTrue();
    assertThat(answer.isError()).isTrue();
    assertThat(answer.sizeBytes()).isEqualTo(Header.BYTES);
    assertThat(Errno.of(answer.error())).isEqualTo(errno);
  }

  private static Case closes(String name, byte[] bytes) {
    return new Case(name, bytes, null);
  }

  private static Case refused(String name, Errno errno, byte[] bytes) {
    return new Case(name, bytes, errno);
  }

  private static byte[] capability(String json) {
    return version(0, "{\"capabilities\":{" + json + "}}\0");
  }

  private static byte[] version(int major, String text) {
    byte[] json = text.getBytes(StandardCharsets.UTF_8);
    return message(
        1, bytes(4 + json.length).putShort((short) major).putShort((short) 0).put(json).array());
  }

  /// A command with id 7.
  private static byte[] message(int command, byte... payload) {
    return bytes(16 + payload.length)
        .put(header(7, command, 16 + payload.length, COMMAND))
        .put(payload)
        .array();
  }

  private static byte[] header(int id, int command, int size, int flags) {
    return bytes(16)
        .putShort((short) id)
        .putShort((short) command)
        .putInt(size)
        .putInt(flags)
        .putInt(0)
        .array();
  }

  private static byte[] ints(int... values) {
    ByteBuffer all = bytes(4 * values.length);
    for (int one : values) {
      all.putInt(one);
    }
    return all.array();
  }

  private static byte[] longs(long... values) {
    ByteBuffer all = bytes(8 * values.length);
    for (long one : values) {
      all.putLong(one);
    }
    return all.array();
  }

  private static ByteBuffer bytes(int length) {
    return ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
  }
}
