package dev.portcullis.spec.dmar;

import java.nio.ByteBuffer;

/// One entry of the DMAR table. Each starts with a head: its type and its length, 16 bits each.
///
/// @vtd 8.2 Remapping Structure Types
public sealed interface RemappingStructure
    permits Drhd, Rmrr, Atsr, Rhsa, Andd, Satc, Sidp, UnknownStructure {
  /// Bytes of the head.
  int HEAD_BYTES = 4;

  /// The structure's number, 0 to 65535.
  int type();

  /// Size in the table, head included.
  int lengthBytes();

  /// Writes what follows the head, [#lengthBytes()] − [#HEAD_BYTES] bytes; `out` is little-endian.
  void encodeBody(ByteBuffer out);
}
