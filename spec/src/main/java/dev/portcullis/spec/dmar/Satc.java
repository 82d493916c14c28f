package dev.portcullis.spec.dmar;

import dev.portcullis.spec.BitField;
import java.nio.ByteBuffer;
import java.util.List;

/// Devices inside the chip that have a cache of translations.
///
/// ```
///   0     2        4       5     6         8…
///  +-----+--------+-------+-----+---------+---------------+
///  |  5  | length | flags |  0  | segment | device scopes |
///  +-----+--------+-------+-----+---------+---------------+
/// ```
///
/// @param flags see [#ATC_REQUIRED], 0 to 255
/// @param segment PCI segment of the devices, 0 to 65535
/// @param scopes the devices, each with a path of one hop
/// @vtd 8.8 SoC Integrated Address Translation Cache Reporting Structure
public record Satc(int flags, int segment, List<DeviceScope> scopes) implements RemappingStructure {
  /// The structure's number.
  public static final int TYPE = 5;

  /// In [#flags()]: the devices do not work without their cache.
  public static final BitField ATC_REQUIRED = BitField.bit("ATC_REQUIRED", 0);

  private static final int FIXED_BYTES = 8;

  public Satc {
    Layout.requireByte("flags", flags);
    Layout.requireSegment(segment);
    scopes = List.copyOf(scopes);
  }

  @Override
  public int type() {
    return TYPE;
  }

  @Override
  public int lengthBytes() {
    return FIXED_BYTES + DeviceScope.lengthBytes(scopes);
  }

  @Override
  public void encodeBody(ByteBuffer out) {
    Layout.encodeSegment(out, flags, 0, segment);
    Layout.encodeScopes(out, scopes);
  }

  static Satc decode(Bytes in) throws MalformedDmarException {
    return new Satc(in.u8(4), in.u16(6), DeviceScope.decodeAll(in, FIXED_BYTES));
  }
}
