package dev.portcullis.spec.dmar;

import java.nio.ByteBuffer;

/// Which part of a machine with non-uniform memory a remapping unit is near to.
///
/// ```
///   0     2        4     8               16                 20
///  +-----+--------+-----+---------------+------------------+
///  |  3  |   20   |  0  | register base | proximity domain |
///  +-----+--------+-----+---------------+------------------+
/// ```
///
/// @param registerBase the unit, by the physical address of its registers
/// @param proximityDomain the domain's number in the system resource affinity table
/// @vtd 8.6 Remapping Hardware Static Affinity Structure
public record Rhsa(long registerBase, int proximityDomain) implements RemappingStructure {
  /// The structure's number.
  public static final int TYPE = 3;

  private static final int FIXED_BYTES = 20;

  @Override
  public int type() {
    return TYPE;
  }

  @Override
  public int lengthBytes() {
    return FIXED_BYTES;
  }

  @Override
  public void encodeBody(ByteBuffer out) {
    out.putInt(0).putLong(registerBase).putInt(proximityDomain);
  }

  static Rhsa decode(Bytes in) throws MalformedDmarException {
    return new Rhsa(in.u64(8), in.u32(16));
  }
}
