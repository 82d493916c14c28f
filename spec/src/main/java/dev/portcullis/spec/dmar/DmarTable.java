package dev.portcullis.spec.dmar;

import dev.portcullis.spec.BitField;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/// The ACPI table that names the remapping units of a machine.
///
/// ```
///   0        4        8          9          10 … 35   36      37      38    48…
///  +--------+--------+----------+----------+--------+-------+-------+-----+------------+
///  | "DMAR" | length | revision | checksum | origin | HAW−1 | flags |  0  | structures |
///  +--------+--------+----------+----------+--------+-------+-------+-----+------------+
/// ```
///
/// @param origin who made the table
/// @param hostAddressWidth bits of a physical address that DMA can reach, 1 to 256
/// @param flags see [#INTR_REMAP] and its neighbours, 0 to 255
/// @param structures the remapping structures, as they follow each other in the table
/// @vtd 8.1 DMA Remapping Reporting Structure
public record DmarTable(
    AcpiOrigin origin, int hostAddressWidth, int flags, List<RemappingStructure> structures) {
  /// In [#flags()]: the platform supports interrupt remapping.
  public static final BitField INTR_REMAP = BitField.bit("INTR_REMAP", 0);

  /// In [#flags()]: software shall leave x2APIC mode off.
  public static final BitField X2APIC_OPT_OUT = BitField.bit("X2APIC_OPT_OUT", 1);

  /// In [#flags()]: firmware kept its own DMA inside reserved regions at hand-over.
  public static final BitField DMA_CTRL_PLATFORM_OPT_IN =
      BitField.bit("DMA_CTRL_PLATFORM_OPT_IN", 2);

  private static final String SIGNATURE = "DMAR";
  private static final int HEADER_BYTES = 48;
  private static final int CHECKSUM = 9;

  public DmarTable {
    Layout.requireByte("flags", flags);
    Layout.requireByte("address width less one", hostAddressWidth - 1);
    structures = List.copyOf(structures);
  }

  /// `structures` in the order the table wants: by type, and of a segment's units the one that
  /// takes all the rest last.
  ///
  /// @vtd 8.2 Remapping Structure Types
  public static List<RemappingStructure> inOrder(
      Collection<? extends RemappingStructure> structures) {
    List<RemappingStructure> ordered = new ArrayList<>(structures);
    ordered.sort(
        Comparator.comparingInt(RemappingStructure::type)
            .thenComparing(s -> s instanceof Drhd unit && unit.includesPciAll()));
    return List.copyOf(ordered);
  }

  /// Size of the table in bytes.
  public int lengthBytes() {
    return HEADER_BYTES + structures.stream().mapToInt(RemappingStructure::lengthBytes).sum();
  }

  /// The table's bytes, checksum in place.
  public byte[] encode() {
    ByteBuffer out = ByteBuffer.allocate(lengthBytes()).order(ByteOrder.LITTLE_ENDIAN);
    out.put(SIGNATURE.getBytes(StandardCharsets.ISO_8859_1)).putInt(lengthBytes());
    out.put((byte) origin.revision()).put((byte) 0);
    origin.encode(out);
    out.put((byte) (hostAddressWidth - 1)).put((byte) flags).put(new byte[10]);
    structures.forEach(structure -> Layout.encode(structure, out));
    byte[] table = out.array();
    table[CHECKSUM] = (byte) -sum(table);
    return table;
  }

  /// Decodes a table. Reserved bytes are not kept.
  ///
  /// @throws MalformedDmarException if `table` is no DMAR table, with the offset of the fault
  public static DmarTable decode(byte[] table) throws MalformedDmarException {
    Bytes in = new Bytes(table);
    if (!in.text(0, 4).equals(SIGNATURE)) {
      throw in.malformed(0, "no signature \"" + SIGNATURE + "\"");
    }
    if (in.u32(4) != table.length || table.length < HEADER_BYTES) {
      throw in.malformed(
          4, "length %#x in a table of %#x bytes".formatted(in.u32(4), table.length));
    }
    if (sum(table) != 0) {
      throw in.malformed(CHECKSUM, "the bytes add up to %#x, not 0".formatted(sum(table)));
    }
    return new DmarTable(AcpiOrigin.decode(in), in.u8(36) + 1, in.u8(37), structures(in));
  }

  private static List<RemappingStructure> structures(Bytes in) throws MalformedDmarException {
    List<RemappingStructure> structures = new ArrayList<>();
    int at = HEADER_BYTES;
    while (at < in.length()) {
      int length = in.u16(at + 2);
      if (length < RemappingStructure.HEAD_BYTES) {
        throw in.malformed(at + 2, "a structure of " + length + " bytes");
      }
      structures.add(Layout.decode(in.slice(at, length)));
      at += length;
    }
    return structures;
  }

  private static int sum(byte[] table) {
    int sum = 0;
    for (byte b : table) {
      sum += b;
    }
    return sum & 0xff;
  }
}
