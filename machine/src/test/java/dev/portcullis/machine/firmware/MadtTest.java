package dev.portcullis.machine.firmware;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

class MadtTest {
  private static final int HEADER_BYTES = 44;
  private static final int IO_APIC = 1;

  @Test
  void theTableNamesItsProcessorsAndNoIoApic() {
    byte[] bytes = Madt.withoutIoApic(2);
    ByteBuffer table = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int processors = 0;
    for (int at = HEADER_BYTES; at < bytes.length; at += bytes[at + 1]) {
      assertThat(bytes[at]).isNotEqualTo((byte) IO_APIC);
      if (bytes[at] == 0) {
        assertThat(bytes[at + 3]).as("local APIC id").isEqualTo((byte) processors++);
        assertThat(table.getInt(at + 4)).as("enabled").isOne();
      }
    }
    assertThat(processors).isEqualTo(2);
    assertThat(table.getInt(36)).isEqualTo(0xfee0_0000);
  }

  @Test
  void theTableIsWholeAndNewerThanTheFirmwares() {
    byte[] bytes = Madt.withoutIoApic(3);
    ByteBuffer table = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int sum = 0;
    for (byte each : bytes) {
      sum += each;
    }
    assertThat(sum & 0xff).isZero();
    assertThat(table.getInt(4)).isEqualTo(bytes.length);
    assertThat(table.getInt(24)).as("OEM revision").isGreaterThan(1);
  }
}
