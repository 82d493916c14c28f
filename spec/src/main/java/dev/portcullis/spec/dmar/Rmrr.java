package dev.portcullis.spec.dmar;

import java.nio.ByteBuffer;
import java.util.List;

/// Memory that some devices go on using behind the back of the system software: it must stay mapped
/// for them, one to one.
///
/// ```
///   0     2        4     6         8      16      24…
///  +-----+--------+-----+---------+------+-------+---------------+
///  |  1  | length |  0  | segment | base | limit | device scopes |
///  +-----+--------+-----+---------+------+-------+---------------+
/// ```
///
/// @param segment PCI segment of the devices, 0 to 65535
/// @param base first physical address, 4-KiB aligned
/// @param limit last physical address of the region
/// @param scopes the devices that use it
/// @vtd 8.4 Reserved Memory Region Reporting Structure
public record Rmrr(int segment, long base, long limit, List<DeviceScope> scopes)
    implements RemappingStructure {
  /// The structure's number.
  public static final int TYPE = 1;

  private static final int FIXED_BYTES = 24;

  public Rmrr {
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
    Layout.encodeSegment(out, 0, 0, segment);
    out.putLong(base).putLong(limit);
    Layout.encodeScopes(out, scopes);
  }

  static Rmrr decode(Bytes in) throws MalformedDmarException {
    return new Rmrr(in.u16(6), in.u64(8), in.u64(16), DeviceScope.decodeAll(in, FIXED_BYTES));
  }
}
