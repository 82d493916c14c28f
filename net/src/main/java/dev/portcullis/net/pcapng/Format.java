package dev.portcullis.net.pcapng;

/// The numbers of the format.
///
/// ```
///   0        4        8                      length-4   length
///   +--------+--------+---------- - - ----------+--------+
///   | type   | length | body, padded to 32 bits | length |
///   +--------+--------+---------- - - ----------+--------+
/// ```
final class Format {
  static final int SECTION_HEADER = 0x0a0d_0d0a;
  static final int INTERFACE_DESCRIPTION = 1;
  static final int SIMPLE_PACKET = 3;
  static final int ENHANCED_PACKET = 6;

  static final int BYTE_ORDER_MAGIC = 0x1a2b_3c4d;
  static final int MAJOR_VERSION = 1;

  /// Type, and length twice.
  static final int FRAMING_BYTES = 12;

  /// An enhanced packet's body up to its data.
  static final int PACKET_HEAD_BYTES = 20;

  static final int END_OF_OPTIONS = 0;
  static final int COMMENT = 1;
  static final int APPLICATION = 4;
  static final int INTERFACE_NAME = 2;
  static final int TIME_RESOLUTION = 9;
  static final int TIME_OFFSET = 14;
  static final int PACKET_FLAGS = 2;

  /// The direction, in a packet's flags.
  static final int DIRECTION_MASK = 3;

  private Format() {}

  /// Up to the next multiple of 32 bits.
  static int padded(int bytes) {
    return bytes + 3 & ~3;
  }
}
