package dev.portcullis.spec.dmar;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;

/// A structure of a type this revision does not define: kept as it is.
///
/// @param type 7 to 65535
/// @param body what follows the head
/// @vtd 8.2 Remapping Structure Types
public record UnknownStructure(int type, byte[] body) implements RemappingStructure {

  public UnknownStructure {
    if (type <= Sidp.TYPE || type > 0xffff || body.length > 0xffff - HEAD_BYTES) {
      throw new IllegalArgumentException("type " + type + ", " + body.length + " bytes");
    }
    body = body.clone();
  }

  @Override
  public byte[] body() {
    return body.clone();
  }

  @Override
  public int lengthBytes() {
    return HEAD_BYTES + body.length;
  }

  @Override
  public void encodeBody(ByteBuffer out) {
    out.put(body);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof UnknownStructure(int otherType, byte[] otherBody)
        && type == otherType
        && Arrays.equals(body, otherBody);
  }

  @Override
  public int hashCode() {
    return 31 * type + Arrays.hashCode(body);
  }

  @Override
  public String toString() {
    return "UnknownStructure[type=" + type + ", body=" + HexFormat.of().formatHex(body) + "]";
  }
}
