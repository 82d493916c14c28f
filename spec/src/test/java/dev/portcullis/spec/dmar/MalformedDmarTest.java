package dev.portcullis.spec.dmar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MalformedDmarTest {
  private static final AcpiOrigin ORIGIN = new AcpiOrigin(1, "OEMID ", "OEMTABLE", 1, "CRTR", 1);

  /// One unit at offset 0x30, its only scope at 0x40, a device name at 0x48.
  private static byte[] table() {
    return new DmarTable(
            ORIGIN,
            39,
            0,
            List.of(
                new Drhd(0, 0, 0, 0xfed90000L, List.of(DeviceScope.endpoint(0, 5, 0))),
                new Andd(1, "\\A", 3)))
        .encode();
  }

  private static void balance(byte[] table) {
    table[9] = 0;
    int sum = 0;
    for (byte b : table) {
      sum += b;
    }
    table[9] = (byte) -sum;
  }

  private static MalformedDmarException refusalOf(byte[] table) {
    return catchThrowableOfType(MalformedDmarException.class, () -> DmarTable.decode(table));
  }

  @ParameterizedTest(name = "byte {0} set to {1}: {3}")
  @CsvSource({
    "0x00, 0x58, 0x00, no signature",
    "0x04, 0x54, 0x04, length 0x54 in a table of 0x53 bytes",
    "0x32, 0x03, 0x32, a structure of 3 bytes",
    "0x32, 0x60, 0x30, ends 61 bytes too early",
    "0x32, 0x0c, 0x38, ends 4 bytes too early",
    "0x41, 0x06, 0x41, a device scope of 6 bytes",
    "0x41, 0x09, 0x41, a device scope of 9 bytes",
    "0x41, 0x0a, 0x40, ends 2 bytes too early",
    "0x4a, 0x06, 0x4e, ends 2 bytes too early",
    "0x52, 0x41, 0x50, a device path without its end mark",
  })
  void aBrokenByteIsRefusedWithItsOffset(String where, String value, String offset, String reason) {
    byte[] table = table();
    table[Integer.decode(where)] = (byte) (int) Integer.decode(value);
    balance(table);

    assertThat(refusalOf(table))
        .hasMessageContaining(reason)
        .extracting(MalformedDmarException::offset)
        .isEqualTo(Integer.decode(offset));
  }

  @Test
  void aWrongChecksumIsRefused() {
    byte[] table = table();
    table[10]++;

    assertThat(refusalOf(table)).hasMessage("DMAR offset 0x9: the bytes add up to 0x1, not 0");
  }

  @Test
  void aTableCutAnywhereIsRefused() {
    byte[] table = table();
    for (int length = 0; length < table.length; length++) {
      assertThat(refusalOf(Arrays.copyOf(table, length))).as("%d bytes", length).isNotNull();
    }
  }

  @Test
  void aTableOfNothingButAnAcpiHeaderIsRefused() {
    byte[] table = Arrays.copyOf(table(), 40);
    table[4] = 40;
    balance(table);

    assertThat(refusalOf(table)).hasMessageContaining("length 0x28");
  }

  @Test
  void arbitraryBytesAreDecodedOrRefusedAndNothingElse() {
    Random random = new Random(20);
    for (int round = 0; round < 20_000; round++) {
      byte[] table = table();
      for (int change = random.nextInt(4); change >= 0; change--) {
        table[48 + random.nextInt(table.length - 48)] = (byte) random.nextInt();
      }
      balance(table);
      decodeOrRefuse(table);
    }
  }

  private static void decodeOrRefuse(byte[] table) {
    try {
      DmarTable decoded = DmarTable.decode(table);
      assertThat(DmarTable.decode(decoded.encode())).isEqualTo(decoded);
    } catch (MalformedDmarException refused) {
      assertThat(refused.offset()).isBetween(0, table.length);
    }
  }
}
