package dev.portcullis.spec.dmar;

import dev.portcullis.spec.BitField;
import java.nio.ByteBuffer;
import java.util.List;

/// The root ports below which devices may use address translation services.
///
/// ```
///   0     2        4       5     6         8…
///  +-----+--------+-------+-----+---------+---------------+
///  |  2  | length | flags |  0  | segment | device scopes |
///  +-----+--------+-------+-----+---------+---------------+
/// ```
///
/// @param flags see [#ALL_PORTS], 0 to 255
/// @param segment PCI segment of the ports, 0 to 65535
/// @param scopes the ports, as sub-hierarchies; none with [#ALL_PORTS]
/// @vtd 8.5 Root Port ATS Capability Reporting Structure
public record Atsr(int flags, int segment, List<DeviceScope> scopes) implements RemappingStructure {
  /// The structure's number.
  public static final int TYPE = 2;

  /// In [#flags()]: every root port of the segment.
  public static final BitField ALL_PORTS = BitField.bit("ALL_PORTS", 0);

  private static final int FIXED_BYTES = 8;

  public Atsr {
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

  static Atsr decode(Bytes in) throws MalformedDmarException {
    return new Atsr(in.u8(4), in.u16(6), DeviceScope.decodeAll(in, FIXED_BYTES));
  }
}
