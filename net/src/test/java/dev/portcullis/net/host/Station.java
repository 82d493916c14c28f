package dev.portcullis.net.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.net.Link;
import dev.portcullis.net.packet.Checksum;
import dev.portcullis.net.packet.Packet;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// The other station of a test, frame by frame: 10.9.0.2, 02:70:63:00:00:02, facing 10.9.0.1.
final class Station {
  static final String MAC = "027063000002";
  static final String HOST_MAC = "027063000001";
  static final int ADDRESS = 0x0a09_0002;
  static final int HOST = 0x0a09_0001;

  private static final int PATIENCE_SECONDS = 30;

  private final Link link;
  private final BlockingQueue<byte[]> frames = new LinkedBlockingQueue<>();

  Station(Link link) {
    this.link = link;
    link.connect(frames::add);
  }

  static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex);
  }

  void send(byte[] frame) {
    link.send(frame);
  }

  void send(String hex) {
    link.send(bytes(hex));
  }

  /// The next frame that the host sends.
  byte[] next() throws InterruptedException {
    byte[] frame = frames.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    assertThat(frame).as("a frame of the host").isNotNull();
    return frame;
  }

  /// Sends a ping and skips what comes before its answer.
  void ends(byte[] ping) throws InterruptedException {
    send(ping);
    byte[] frame = next();
    while (frame.length != ping.length || frame[34] != 0) {
      frame = next();
    }
  }

  /// A frame that the host has sent already, or `null`.
  Packet poll() {
    byte[] frame = frames.poll();
    return frame == null ? null : Packet.of(frame);
  }

  /// The next frame that is another: on a busy machine a question may be asked twice.
  byte[] nextAfter(byte[] frame) throws InterruptedException {
    byte[] next = next();
    while (Arrays.equals(next, frame)) {
      next = next();
    }
    return next;
  }

  /// An IPv4 packet to the host, its checksum in place.
  static byte[] packet(int protocol, byte[] payload) {
    ByteBuffer frame = ByteBuffer.allocate(34 + payload.length);
    frame.put(bytes(HOST_MAC + MAC + "0800" + "4500"));
    frame.putShort((short) (20 + payload.length)).putInt(0).put((byte) 64).put((byte) protocol);
    frame.putShort((short) 0).putInt(ADDRESS).putInt(HOST).put(payload);
    return headed(frame.array());
  }

  /// The same frame with the checksum of its IPv4 header made anew.
  static byte[] headed(byte[] frame) {
    ByteBuffer.wrap(frame)
        .putShort(24, (short) 0)
        .putShort(24, (short) Checksum.finish(Checksum.add(0, frame, 14, 20)));
    return frame;
  }

  static byte[] ping(int dataBytes) {
    ByteBuffer message = ByteBuffer.allocate(8 + dataBytes);
    message.putShort(0, (short) 0x0800).putInt(4, 0x1234_0001);
    for (int i = 0; i < dataBytes; i++) {
      message.put(8 + i, (byte) i);
    }
    int checksum = Checksum.finish(Checksum.add(0, message.array(), 0, message.capacity()));
    return packet(1, message.putShort(2, (short) checksum).array());
  }
}
