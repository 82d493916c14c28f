package dev.portcullis.pci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ConfigSpaceTest {
  private final SampleFunction function = new SampleFunction();

  private long read(int offset, int widthBytes) {
    return function.readConfig(offset, widthBytes);
  }

  @Test
  void theHeaderSaysWhatWasDeclared() {
    assertThat(read(0x00, 4)).isEqualTo(0x0010_1b36);
    assertThat(read(0x08, 4)).isEqualTo(0x010802_02);
    assertThat(read(0x0c, 4)).isZero();
    assertThat(read(0x2c, 4)).isEqualTo(0x1100_1af4);
    assertThat(read(0x3d, 1)).isEqualTo(1);
  }

  @Test
  void capabilitiesAreLinkedInOrder() {
    assertThat(read(0x06, 2) & 1 << 4).isNotZero();
    assertThat(read(0x34, 1)).isEqualTo(SampleFunction.MSI);
    assertThat(read(SampleFunction.MSI, 2)).isEqualTo(SampleFunction.MSIX << 8 | 0x05);
    assertThat(read(SampleFunction.MSIX, 2)).isEqualTo(SampleFunction.PM << 8 | 0x11);
    assertThat(read(SampleFunction.PM, 2)).isEqualTo(SampleFunction.EXPRESS << 8 | 0x01);
    assertThat(read(SampleFunction.EXPRESS, 2)).isEqualTo(0x10);
    assertThat(read(0x100, 4)).isEqualTo(0x0001_0003);
    assertThat(read(0x104, 8)).isEqualTo(0x1122334455667788L);
  }

  @Test
  void extendedCapabilitiesAreLinkedToo() {
    ConfigSpace config = new ConfigSpace();
    CapabilityLists.lay(config, List.of(new SerialNumber(1), new SerialNumber(2)));
    assertThat(config.read(0x100, 4)).isEqualTo(0x10c1_0003L);
    assertThat(config.read(0x10c, 4)).isEqualTo(0x0001_0003L);
  }

  @Test
  void capabilitiesThatDoNotFitAreRefused() {
    List<Capability> many = List.of(new Msi(1), new PciExpress(PciExpress.Kind.ENDPOINT));
    List<Capability> more =
        List.of(
            new PciExpress(PciExpress.Kind.ENDPOINT),
            new PciExpress(PciExpress.Kind.ENDPOINT),
            new PciExpress(PciExpress.Kind.ENDPOINT),
            many.get(0));
    assertThatThrownBy(() -> CapabilityLists.lay(new ConfigSpace(), more))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no room");
  }

  /// What a write of all ones changes anywhere, from the state after reset: nothing else is
  /// writable.
  @Test
  void onlyTheDeclaredBitsAreWritable() {
    Map<Integer, Long> expected = new TreeMap<>();
    expected.put(0x04, 0x0546L);
    expected.put(0x0c, 0xffL);
    expected.put(0x10, 0xffff_c000L);
    expected.put(0x14, 0xffff_ffffL);
    expected.put(0x18, 0xfff0_0000L);
    expected.put(0x3c, 0xffL);
    expected.put(SampleFunction.MSI, 0x0071_0000L);
    expected.put(SampleFunction.MSI + 4, 0xffff_fffcL);
    expected.put(SampleFunction.MSI + 8, 0xffff_ffffL);
    expected.put(SampleFunction.MSI + 0xc, 0xffffL);
    expected.put(SampleFunction.MSI + 0x10, 0xfL);
    expected.put(SampleFunction.MSIX, 0xc000_0000L);
    expected.put(SampleFunction.PM + 4, 3L);
    // Device Control starts with relaxed ordering, no snoop and 512-byte reads already set; its
    // reset bit reads 0.
    expected.put(SampleFunction.EXPRESS + 0x08, 0xf8ffL & ~0x8000L & ~0x2810L);
    expected.put(SampleFunction.EXPRESS + 0x10, 0xcbL);
    expected.put(SampleFunction.EXPRESS + 0x28, 0x10L);

    Map<Integer, Long> changed = new TreeMap<>();
    for (int offset = 0; offset < ConfigSpace.SIZE_BYTES; offset += 4) {
      SampleFunction fresh = new SampleFunction();
      long before = fresh.readConfig(offset, 4);
      long ones = offset == SampleFunction.EXPRESS + 0x08 ? 0xffff_7fffL : 0xffff_ffffL;
      fresh.writeConfig(offset, 4, ones);
      long difference = before ^ fresh.readConfig(offset, 4);
      if (difference != 0) {
        changed.put(offset, difference);
      }
    }
    assertThat(changed).isEqualTo(expected);
  }

  @Test
  void softwareFindsTheSizeOfAWindow() {
    function.writeConfig(0x10, 4, 0xffff_ffffL);
    function.writeConfig(0x14, 4, 0xffff_ffffL);
    assertThat(read(0x10, 8)).isEqualTo(-0x4000L | 4);
    function.writeConfig(0x10, 8, 0x12_fedc_b000L);
    assertThat(function.addressOf(function.bars().get(0))).isEqualTo(0x12_fedc_8000L);
    function.writeConfig(0x18, 4, 0xfea1_2345L);
    assertThat(function.addressOf(function.bars().get(1))).isEqualTo(0xfea0_0000L);
  }

  @Test
  void accessesOfAnyWidthAndAlignmentAgree() {
    function.writeConfig(0x3b, 2, 0xab55);
    assertThat(read(0x3c, 1)).isEqualTo(0xab);
    assertThat(read(0x3a, 4)).isEqualTo(0x01ab_0000L);
    assertThat(read(0xffe, 4)).isEqualTo(0xffff_0000L);
    function.writeConfig(0xfff, 8, -1);
  }

  @Test
  void statusBitsAreClearedByOneAndOnlyThose() {
    function.config().setBits(ConfigRegisters.STATUS, 2, 0xf900);
    function.writeConfig(ConfigRegisters.STATUS, 2, 0x2000);
    assertThat(read(ConfigRegisters.STATUS, 2) & 0xf900).isEqualTo(0xd900);
    function.writeConfig(ConfigRegisters.STATUS, 2, 0xffff);
    assertThat(read(ConfigRegisters.STATUS, 2)).isEqualTo(ConfigRegisters.CAPABILITIES_LIST);
  }

  @Test
  void aResetBringsEveryRegisterBack() {
    byte[] before = function.config().snapshot();
    for (int offset = 0; offset < 0x100; offset += 4) {
      if (offset != SampleFunction.EXPRESS + 0x08) {
        function.writeConfig(offset, 4, 0xffff_ffffL);
      }
    }
    function.reset();
    assertThat(function.config().snapshot()).isEqualTo(before);
  }
}
