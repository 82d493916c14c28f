package dev.portcullis.spec.dmar;

import java.nio.ByteBuffer;
import java.util.List;

/// What the remapping structures have in common in their layout.
final class Layout {
  private Layout() {}

  /// Decodes the structure that fills `in`, head included.
  static RemappingStructure decode(Bytes in) throws MalformedDmarException {
    int type = in.u16(0);
    return switch (type) {
      case Drhd.TYPE -> Drhd.decode(in);
      case Rmrr.TYPE -> Rmrr.decode(in);
      case Atsr.TYPE -> Atsr.decode(in);
      case Rhsa.TYPE -> Rhsa.decode(in);
      case Andd.TYPE -> Andd.decode(in);
      case Satc.TYPE -> Satc.decode(in);
      case Sidp.TYPE -> Sidp.decode(in);
      default -> new UnknownStructure(type, in.copy(RemappingStructure.HEAD_BYTES));
    };
  }

  static void encode(RemappingStructure structure, ByteBuffer out) {
    out.putShort((short) structure.type()).putShort((short) structure.lengthBytes());
    structure.encodeBody(out);
  }

  static void requireByte(String what, int value) {
    if ((value & ~0xff) != 0) {
      throw new IllegalArgumentException(what + " does not fit a byte: " + value);
    }
  }

  static void requireSegment(int segment) {
    if ((segment & ~0xffff) != 0) {
      throw new IllegalArgumentException("no such segment: " + segment);
    }
  }

  /// Writes what several bodies start with: a byte of flags, a second byte, the segment.
  static void encodeSegment(ByteBuffer out, int flags, int secondByte, int segment) {
    out.put((byte) flags).put((byte) secondByte).putShort((short) segment);
  }

  static void encodeScopes(ByteBuffer out, List<DeviceScope> scopes) {
    scopes.forEach(scope -> scope.encode(out));
  }
}
