package dev.portcullis.devices.net;

import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// What precedes each frame in memory.
///
/// ```
///  00 flags   01 GSO type   02 header length   04 GSO size
///  06 where the checksum starts   08 where it is, from there   0a number of buffers
/// ```
///
/// @virtio 5.1 Network Device
final class FrameHeader {
  static final int BYTES = 12;

  static final int FLAGS = 0;
  static final int GSO_TYPE = 1;
  static final int GSO_SIZE = 4;
  static final int CHECKSUM_START = 6;
  static final int CHECKSUM_OFFSET = 8;
  static final int BUFFERS = 10;

  static final int NEEDS_CHECKSUM = 1;
  static final int DATA_VALID = 2;

  static final int GSO_NONE = 0;
  static final int GSO_TCPV4 = 1;

  static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private FrameHeader() {}
}
