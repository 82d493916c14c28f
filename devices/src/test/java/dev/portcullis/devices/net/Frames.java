package dev.portcullis.devices.net;

import dev.portcullis.net.packet.Checksum;
import java.nio.ByteBuffer;

/// Frames for tests.
final class Frames {
  private Frames() {}

  /// A frame of 60 bytes that no protocol claims.
  static byte[] plain(long to, long from) {
    ByteBuffer frame = ByteBuffer.allocate(60);
    frame.putLong(0, to << 16).putLong(6, from << 16).putShort(12, (short) 0x88b5);
    return frame.array();
  }

  /// The same in a virtual LAN.
  static byte[] tagged(long to, long from, int vlan) {
    ByteBuffer frame = ByteBuffer.allocate(64).put(plain(to, from));
    return frame.putInt(12, 0x8100 << 16 | vlan).putShort(16, (short) 0x88b5).array();
  }

  /// A TCP segment from 10.9.0.2 to 10.9.0.1 with right checksums.
  static byte[] tcp(int ports, int flags, int dataBytes) {
    ByteBuffer frame = ByteBuffer.allocate(54 + dataBytes);
    frame.putLong(0, 0x0270_6300_0002_0000L).putLong(6, 0x0270_6300_0001_0000L);
    frame.putInt(12, 0x0800_4500).putShort(16, (short) (40 + dataBytes));
    frame.putShort(18, (short) 0x7ffe).putShort(22, (short) 0x4006);
    frame.putInt(26, 0x0a09_0002).putInt(30, 0x0a09_0001);
    frame.putInt(34, ports).putInt(38, 0xffff_fff0).putShort(46, (short) (0x5000 | flags));
    for (int i = 0; i < dataBytes; i++) {
      frame.put(54 + i, (byte) (i * 31 >> 3));
    }
    frame.putShort(24, (short) Checksum.finish(Checksum.add(0, frame.array(), 14, 20)));
    frame.putShort(50, (short) Checksum.finish(tcpSum(frame.array())));
    return frame.array();
  }

  /// The sum over a TCP segment and its pseudo header; 0 when it is finished if it is right.
  static long tcpSum(byte[] frame) {
    long pseudo = Checksum.add(6 + frame.length - 34, frame, 26, 8);
    return Checksum.add(pseudo, frame, 34, frame.length - 34);
  }
}
