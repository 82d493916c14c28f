package dev.portcullis.machine.firmware;

import dev.portcullis.spec.dmar.AcpiOrigin;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/// The table of interrupt controllers of a q35 machine without its I/O APIC.
///
/// QEMU's I/O APIC does not pass a unit of ours, and software remaps interrupts only if every I/O
/// APIC does. So a guest that shall remap is told that there is none; the pins of old reach it
/// through the pair of 8259.
///
/// ```
///   +00  header (36 bytes)
///   +24  local APIC address | flags
///   +2c  00 08 uid apic-id flags           one for each processor
///        04 06 ff  flags  1                 NMI at pin 1 of all of them
/// ```
///
/// @acpi 5.2.12 Multiple APIC Description Table (MADT)
public final class Madt {
  /// QEMU's own has revision 1: software takes the higher.
  private static final AcpiOrigin ORIGIN = new AcpiOrigin(3, "BOCHS ", "BXPC    ", 2, "BXPC", 1);

  private static final int LOCAL_APIC_ADDRESS = 0xfee0_0000;
  private static final int HAS_8259 = 1;
  private static final int HEADER_BYTES = 44;
  private static final int PROCESSOR_BYTES = 8;
  private static final int NMI_BYTES = 6;
  private static final int CHECKSUM = 9;

  private Madt() {}

  /// The table of a machine with `processors` processors, at most 255, whose local APIC ids count
  /// from 0.
  public static byte[] withoutIoApic(int processors) {
    int length = HEADER_BYTES + processors * PROCESSOR_BYTES + NMI_BYTES;
    ByteBuffer table = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    table.put(text("APIC")).putInt(length).put((byte) ORIGIN.revision()).put((byte) 0);
    table.put(text(ORIGIN.oemId())).put(text(ORIGIN.oemTableId())).putInt(ORIGIN.oemRevision());
    table.put(text(ORIGIN.creatorId())).putInt(ORIGIN.creatorRevision());
    table.putInt(LOCAL_APIC_ADDRESS).putInt(HAS_8259);
    for (int id = 0; id < processors; id++) {
      table.put((byte) 0).put((byte) PROCESSOR_BYTES).put((byte) id).put((byte) id).putInt(1);
    }
    table.put((byte) 4).put((byte) NMI_BYTES).put((byte) 0xff).putShort((short) 0).put((byte) 1);
    byte[] bytes = table.array();
    int sum = 0;
    for (byte each : bytes) {
      sum += each;
    }
    bytes[CHECKSUM] = (byte) -sum;
    return bytes;
  }

  private static byte[] text(String characters) {
    return characters.getBytes(StandardCharsets.ISO_8859_1);
  }
}
