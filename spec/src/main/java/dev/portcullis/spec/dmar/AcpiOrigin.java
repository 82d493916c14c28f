package dev.portcullis.spec.dmar;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// Who made an ACPI table: the part of the header that is the same in every table.
///
/// Texts have one byte a character and their full length, padding included.
///
/// @param revision revision of the table's layout, 0 to 255
/// @param oemId 6 characters
/// @param oemTableId 8 characters
/// @param oemRevision the OEM's own count
/// @param creatorId 4 characters: the tool that made the table
/// @param creatorRevision the tool's own count
/// @acpi 5.2.6 System Description Table Header
public record AcpiOrigin(
    int revision,
    String oemId,
    String oemTableId,
    int oemRevision,
    String creatorId,
    int creatorRevision) {

  public AcpiOrigin {
    Layout.requireByte("revision", revision);
    if (oemId.length() != 6 || oemTableId.length() != 8 || creatorId.length() != 4) {
      throw new IllegalArgumentException(
          "ids \"%s\", \"%s\", \"%s\"".formatted(oemId, oemTableId, creatorId));
    }
  }

  void encode(ByteBuffer out) {
    out.put(bytes(oemId)).put(bytes(oemTableId)).putInt(oemRevision);
    out.put(bytes(creatorId)).putInt(creatorRevision);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  static AcpiOrigin decode(Bytes in) throws MalformedDmarException {
    return new AcpiOrigin(
        in.u8(8), in.text(10, 6), in.text(16, 8), in.u32(24), in.text(28, 4), in.u32(32));
  }
}
