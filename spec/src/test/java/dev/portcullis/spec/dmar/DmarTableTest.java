package dev.portcullis.spec.dmar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.portcullis.spec.dmar.DeviceScope.Hop;
import dev.portcullis.spec.dmar.DeviceScope.Kind;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class DmarTableTest {
  private static final String EXAMPLE_BYTES =
      """
      444D4152FA00000001B24F454D494420
      4F454D5441424C450100000043525452
      01000000260100000000000000000000
      00001800000000000000D9FE00000000
      01080000000002000000280001000000
      0010D9FE000000000308000002F01F00
      0408000000F01F010508000001F01F02
      01002000000000000000007D00000000
      FFFF7F7D000000000108000000000200
      02001000000000000208000000001C00
      03001400000000000000D9FE00000000
      0000000003001400000000000010D9FE
      00000000000000000400120000000001
      5C5F53422E4932433000050010000000
      00000108000000000200060010000000
      00000108080000000200\
      """;

  /// Two units: one for the graphics device, one for the rest with its interrupt sources.
  private static final DmarTable EXAMPLE =
      new DmarTable(
          new AcpiOrigin(1, "OEMID ", "OEMTABLE", 1, "CRTR", 1),
          39,
          1,
          List.of(
              new Drhd(0, 0, 0, 0xfed90000L, List.of(DeviceScope.endpoint(0, 2, 0))),
              new Drhd(
                  1,
                  0,
                  0,
                  0xfed91000L,
                  List.of(
                      literal(Kind.IO_APIC, 2, 0),
                      literal(Kind.HPET, 0, 1),
                      literal(Kind.ACPI_DEVICE, 1, 2))),
              new Rmrr(0, 0x7d000000L, 0x7d7fffffL, List.of(DeviceScope.endpoint(0, 2, 0))),
              new Atsr(
                  0,
                  0,
                  List.of(
                      new DeviceScope(
                          Kind.PCI_SUB_HIERARCHY.type(), 0, 0, 0, List.of(new Hop(0x1c, 0))))),
              new Rhsa(0xfed90000L, 0),
              new Rhsa(0xfed91000L, 0),
              new Andd(1, "\\_SB.I2C0", 10),
              new Satc(0, 0, List.of(DeviceScope.endpoint(0, 2, 0))),
              new Sidp(
                  0,
                  List.of(
                      new DeviceScope(
                          Kind.PCI_ENDPOINT.type(),
                          (int) Sidp.ATC_HARDENED.mask(),
                          0,
                          0,
                          List.of(new Hop(2, 0)))))));

  private static DeviceScope literal(Kind kind, int id, int function) {
    return new DeviceScope(kind.type(), 0, id, 0xf0, List.of(new Hop(0x1f, function)));
  }

  private static byte[] exampleBytes() {
    return HexFormat.of().parseHex(EXAMPLE_BYTES.replace("\n", ""));
  }

  @Test
  void encodesTheWorkedExampleByteForByte() {
    assertThat(EXAMPLE.encode()).isEqualTo(exampleBytes());
  }

  @Test
  void decodesTheWorkedExample() throws MalformedDmarException {
    assertThat(DmarTable.decode(exampleBytes())).isEqualTo(EXAMPLE);
  }

  @Test
  void aPathOfTwoHopsLeadsThroughABridge() {
    DeviceScope behindBridge =
        new DeviceScope(1, 0, 0, 0, List.of(new Hop(0x1c, 0), new Hop(3, 0)));
    byte[] table = tableOf(new Drhd(0, 0, 0, 0xfed90000L, List.of(behindBridge))).encode();

    assertThat(HexFormat.of().formatHex(table, 64, table.length)).isEqualTo("010a000000001c000300");
  }

  @Test
  void theUnitThatTakesTheRestComesLast() {
    Drhd rest = new Drhd(1, 0, 0, 0xfed91000L, List.of());
    Drhd graphics = new Drhd(0, 0, 0, 0xfed90000L, List.of());
    Rhsa near = new Rhsa(0xfed90000L, 0);

    assertThat(DmarTable.inOrder(List.of(near, rest, graphics)))
        .containsExactly(graphics, rest, near);
  }

  @Test
  void registersTakeAPowerOfTwoOfPages() {
    assertThat(new Drhd(0, 3, 0, 0, List.of()).registerSetBytes()).isEqualTo(8 * 4096);
  }

  @Test
  void aScopeTypeWithoutMeaningHasNoKind() {
    assertThat(new DeviceScope(9, 0, 0, 0, List.of(new Hop(0, 0))).kind()).isEmpty();
    assertThat(DeviceScope.endpoint(0, 0, 0).kind()).contains(Kind.PCI_ENDPOINT);
  }

  @Test
  void aPathHasAtLeastOneHop() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new DeviceScope(1, 0, 0, 0, List.of()))
        .withMessageContaining("1 to 124 hops");
  }

  @Test
  void anUnknownStructureIsKeptAsItIs() throws MalformedDmarException {
    DmarTable table = tableOf(new UnknownStructure(0x1234, new byte[] {1, 2, 3}));

    assertThat(DmarTable.decode(table.encode())).isEqualTo(table).hasSameHashCodeAs(table);
  }

  private static DmarTable tableOf(RemappingStructure structure) {
    return new DmarTable(EXAMPLE.origin(), 39, 0, List.of(structure));
  }
}
