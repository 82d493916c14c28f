package dev.portcullis.spec.dmar;

import dev.portcullis.spec.BitField;
import java.nio.ByteBuffer;
import java.util.List;

/// A remapping unit: where its registers are and which devices it covers.
///
/// ```
///   0     2        4       5      6         8               16…
///  +-----+--------+-------+------+---------+---------------+---------------+
///  |  0  | length | flags | size | segment | register base | device scopes |
///  +-----+--------+-------+------+---------+---------------+---------------+
/// ```
///
/// @param flags see [#INCLUDE_PCI_ALL], 0 to 255
/// @param size see [#SIZE], 0 to 255
/// @param segment PCI segment of the devices, 0 to 65535
/// @param registerBase physical address of the registers, aligned to their size
/// @param scopes the devices covered; with [#INCLUDE_PCI_ALL] only those that PCI does not show
/// @vtd 8.3 DMA Remapping Hardware Unit Definition Structure
public record Drhd(int flags, int size, int segment, long registerBase, List<DeviceScope> scopes)
    implements RemappingStructure {
  /// The structure's number.
  public static final int TYPE = 0;

  /// In [#flags()]: the unit covers every PCI device of the segment that no other unit names.
  public static final BitField INCLUDE_PCI_ALL = BitField.bit("INCLUDE_PCI_ALL", 0);

  /// In [#size()]: binary logarithm of the number of 4-KiB pages the registers take.
  public static final BitField SIZE = BitField.bits("SIZE", 3, 0);

  private static final int FIXED_BYTES = 16;

  public Drhd {
    Layout.requireByte("flags", flags);
    Layout.requireByte("size", size);
    Layout.requireSegment(segment);
    scopes = List.copyOf(scopes);
  }

  /// Whether the unit takes every PCI device of its segment that no other unit names.
  public boolean includesPciAll() {
    return INCLUDE_PCI_ALL.isSet(flags);
  }

  /// Bytes the registers take: 4 KiB to 128 MiB.
  public long registerSetBytes() {
    return 4096L << SIZE.of(size);
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
    Layout.encodeSegment(out, flags, size, segment);
    out.putLong(registerBase);
    Layout.encodeScopes(out, scopes);
  }

  static Drhd decode(Bytes in) throws MalformedDmarException {
    return new Drhd(
        in.u8(4), in.u8(5), in.u16(6), in.u64(8), DeviceScope.decodeAll(in, FIXED_BYTES));
  }
}
