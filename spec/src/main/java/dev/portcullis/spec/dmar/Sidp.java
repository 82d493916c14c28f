package dev.portcullis.spec.dmar;

import dev.portcullis.spec.BitField;
import java.nio.ByteBuffer;
import java.util.List;

/// Properties of devices inside the chip: each scope says them in its own flags.
///
/// ```
///   0     2        4     6         8…
///  +-----+--------+-----+---------+---------------+
///  |  6  | length |  0  | segment | device scopes |
///  +-----+--------+-----+---------+---------------+
/// ```
///
/// @param segment PCI segment of the devices, 0 to 65535
/// @param scopes the devices, each with a path of one hop
/// @vtd 8.9 SoC Integrated Device Property Reporting Structure
public record Sidp(int segment, List<DeviceScope> scopes) implements RemappingStructure {
  /// The structure's number.
  public static final int TYPE = 6;

  /// In [DeviceScope#flags()]: requests without PASID must not use nested translation.
  public static final BitField NO_NESTED_WITHOUT_PASID = BitField.bit("NO_NESTED_WITHOUT_PASID", 0);

  /// In [DeviceScope#flags()]: write snooping (PWSNP) must stay off.
  public static final BitField NO_PWSNP = BitField.bit("NO_PWSNP", 1);

  /// In [DeviceScope#flags()]: page snooping (PGSNP, SNP) must stay off.
  public static final BitField NO_PGSNP = BitField.bit("NO_PGSNP", 2);

  /// In [DeviceScope#flags()]: the device's translation cache can be trusted.
  public static final BitField ATC_HARDENED = BitField.bit("ATC_HARDENED", 3);

  /// In [DeviceScope#flags()]: the device does not work without its translation cache.
  public static final BitField ATC_REQUIRED = BitField.bit("ATC_REQUIRED", 4);

  private static final int FIXED_BYTES = 8;

  public Sidp {
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
    Layout.encodeScopes(out, scopes);
  }

  static Sidp decode(Bytes in) throws MalformedDmarException {
    return new Sidp(in.u16(6), DeviceScope.decodeAll(in, FIXED_BYTES));
  }
}
