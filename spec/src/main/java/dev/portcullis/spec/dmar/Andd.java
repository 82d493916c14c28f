package dev.portcullis.spec.dmar;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// A device that ACPI's name space knows and PCI does not.
///
/// ```
///   0     2        4     7               8…
///  +-----+--------+-----+---------------+------------------------+
///  |  4  | length |  0  | device number | path in the name space |
///  +-----+--------+-----+---------------+------------------------+
/// ```
///
/// @param deviceNumber the number device scopes call it by, 0 to 255
/// @param path full path in the name space, one byte a character, without its end mark
/// @param pathFieldBytes bytes the path takes in the table, at least one more than it has
///   characters; firmware likes to pad
/// @vtd 8.7 ACPI Name-space Device Declaration Structure
public record Andd(int deviceNumber, String path, int pathFieldBytes)
    implements RemappingStructure {
  /// The structure's number.
  public static final int TYPE = 4;

  private static final int FIXED_BYTES = 8;

  public Andd {
    Layout.requireByte("device number", deviceNumber);
    if (path.indexOf('\0') >= 0
        || pathFieldBytes <= path.length()
        || pathFieldBytes > 0xffff - FIXED_BYTES) {
      throw new IllegalArgumentException(
          "path \"" + path + "\" in a field of " + pathFieldBytes + " bytes");
    }
  }

  @Override
  public int type() {
    return TYPE;
  }

  @Override
  public int lengthBytes() {
    return FIXED_BYTES + pathFieldBytes;
  }

  @Override
  public void encodeBody(ByteBuffer out) {
    out.put(new byte[3]).put((byte) deviceNumber);
    out.put(path.getBytes(StandardCharsets.ISO_8859_1));
    out.put(new byte[pathFieldBytes - path.length()]);
  }

  static Andd decode(Bytes in) throws MalformedDmarException {
    int deviceNumber = in.u8(7);
    int fieldBytes = in.length() - FIXED_BYTES;
    String field = in.text(FIXED_BYTES, fieldBytes);
    int end = field.indexOf('\0');
    if (end < 0) {
      throw in.malformed(FIXED_BYTES, "a device path without its end mark");
    }
    return new Andd(deviceNumber, field.substring(0, end), fieldBytes);
  }
}
