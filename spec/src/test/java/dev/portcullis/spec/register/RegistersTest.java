package dev.portcullis.spec.register;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RegistersTest {
  private static final long LEGACY_CAP = 0x00d2_078c_406f_0606L;
  private static final long LEGACY_ECAP = 0x50c3;

  private static final Map<String, Register> BY_NAME = byName();

  private static Map<String, Register> byName() {
    List<Register> all = new ArrayList<>(Registers.FIXED);
    all.addAll(Registers.ofFeatures(FeatureCapabilities.STANDARD));
    all.addAll(List.of(InvalidationRegisters.IVA, InvalidationRegisters.IOTLB));
    all.addAll(List.of(FaultRegisters.FRCD_LOW, FaultRegisters.FRCD_HIGH));
    return all.stream().collect(Collectors.toMap(Register::name, register -> register));
  }

  private static Capabilities capabilities(long cap, long ecap) {
    return new Capabilities(1, 0, new Capability(cap), new ExtendedCapability(ecap), 46);
  }

  /// Name, offset, width, bits software writes, bits it clears by 1, value after power-on.
  @ParameterizedTest
  @CsvSource({
    "VER, 000, 32, 0, 0, 0",
    "CAP, 008, 64, 0, 0, 0",
    "ECAP, 010, 64, 0, 0, 0",
    "GCMD, 018, 32, FF800000, 0, 0",
    "GSTS, 01C, 32, 0, 0, 0",
    "RTADDR, 020, 64, FFFFFFFFFFFFFC80, 0, 0",
    "CCMD, 028, 64, E0000003FFFFFFFF, 0, 0",
    "FSTS, 034, 32, 0, 71, 0",
    "FECTL, 038, 32, 80000000, 0, 80000000",
    "FEDATA, 03C, 32, FFFF, 0, 0",
    "FEADDR, 040, 32, FFFFFFFC, 0, 0",
    "FEUADDR, 044, 32, FFFFFFFF, 0, 0",
    "PMEN, 064, 32, 80000000, 0, 0",
    "PLMBASE, 068, 32, FFE00000, 0, 0",
    "PLMLIMIT, 06C, 32, FFE00000, 0, 0",
    "PHMBASE, 070, 64, FFFFFFFFFFE00000, 0, 0",
    "PHMLIMIT, 078, 64, FFFFFFFFFFE00000, 0, 0",
    "IQH, 080, 64, 0, 0, 0",
    "IQT, 088, 64, 7FFF0, 0, 0",
    "IQA, 090, 64, FFFFFFFFFFFFF807, 0, 0",
    "ICS, 09C, 32, 0, 1, 0",
    "IECTL, 0A0, 32, 80000000, 0, 80000000",
    "IEDATA, 0A4, 32, FFFF, 0, 0",
    "IEADDR, 0A8, 32, FFFFFFFC, 0, 0",
    "IEUADDR, 0AC, 32, FFFFFFFF, 0, 0",
    "IQERCD, 0B0, 64, 0, 0, 0",
    "IRTA, 0B8, 64, FFFFFFFFFFFFF80F, 0, 0",
    "PQH, 0C0, 64, 7FFE0, 0, 0",
    "PQT, 0C8, 64, 7FFE0, 0, 0",
    "PQA, 0D0, 64, FFFFFFFFFFFFF007, 0, 0",
    "PRS, 0DC, 32, 0, 3, 0",
    "PECTL, 0E0, 32, 80000000, 0, 80000000",
    "PEDATA, 0E4, 32, FFFF, 0, 0",
    "PEADDR, 0E8, 32, FFFFFFFC, 0, 0",
    "PEUADDR, 0EC, 32, FFFFFFFF, 0, 0",
    "RDTC, DC0, 64, 1F00000FFF, 0, 0",
    "IVA, 0, 64, FFFFFFFFFFFFF07F, 0, 0",
    "IOTLB, 0, 64, B003FFFF00000000, 0, 0",
    "FRCD_LOW, 0, 64, 0, 0, 0",
    "FRCD_HIGH, 0, 64, 0, 8000000000000000, 0",
  })
  void aRegisterIsWhereAndWhatTheMapSays(
      String name, String offset, int width, String writable, String clearable, String reset) {
    Register register = BY_NAME.get(name);
    assertThat(register.offset()).isEqualTo(Integer.parseInt(offset, 16));
    assertThat(register.widthBits()).isEqualTo(width);
    assertThat(register.writable()).isEqualTo(Long.parseUnsignedLong(writable, 16));
    assertThat(register.clearable()).isEqualTo(Long.parseUnsignedLong(clearable, 16));
    assertThat(register.reset()).isEqualTo(Long.parseUnsignedLong(reset, 16));
  }

  @Test
  void aWriteTouchesTheLanesItHasAndNoOthers() {
    Register rtaddr = GlobalRegisters.RTADDR;
    long after = rtaddr.afterWrite(0x1111_1111_1111_1000L, -1L, 0xff00_0000L);
    assertThat(after).isEqualTo(0x1111_1111_ff11_1000L);
  }

  @Test
  void aOneClearsAndAZeroKeepsAStatusBit() {
    Register fsts = FaultRegisters.FSTS;
    long both = FaultRegisters.IQE.mask() | FaultRegisters.PFO.mask() | FaultRegisters.PPF.mask();
    assertThat(fsts.afterWrite(both, FaultRegisters.IQE.mask() | FaultRegisters.PPF.mask(), -1L))
        .isEqualTo(FaultRegisters.PFO.mask() | FaultRegisters.PPF.mask());
    assertThat(fsts.afterWrite(both, both, 0)).isEqualTo(both);
  }

  @Test
  void aWriteOnlyFieldReadsAsZero() {
    long written = InvalidationRegisters.CCMD.afterWrite(0, 0x3_1234_0007L, -1L);
    assertThat(InvalidationRegisters.CCMD_SID.of(written)).isEqualTo(0x1234);
    assertThat(InvalidationRegisters.CCMD.read(written)).isEqualTo(7);
  }

  @Test
  void aUnitHasTheRegistersItsCapabilitiesAnnounceAndNoOthers() {
    List<String> names =
        Registers.of(capabilities(LEGACY_CAP, LEGACY_ECAP)).stream().map(Register::name).toList();
    assertThat(names)
        .contains("IQH", "IECTL", "FRCD_HIGH[7]", "IOTLB", "FECTL")
        .doesNotContain("PMEN", "IRTA", "PQH", "FEUADDR", "IEUADDR", "FRCD_HIGH[8]", "RDTC");
    long withoutQueue = LEGACY_ECAP & ~ExtendedCapability.QI.mask();
    assertThat(Registers.of(capabilities(LEGACY_CAP, withoutQueue)).stream().map(Register::name))
        .doesNotContain("IQH", "ICS", "IECTL", "IQERCD");
  }

  @Test
  void eitherProtectedRegionBringsItsEnableRegister() {
    long low = LEGACY_CAP | Capability.PLMR.mask();
    assertThat(Registers.of(capabilities(low, LEGACY_ECAP)).stream().map(Register::name))
        .contains("PMEN", "PLMBASE")
        .doesNotContain("PHMBASE");
  }

  @Test
  void registersOnTopOfEachOtherAreRefused() {
    long onTop = ExtendedCapability.IRO.with(LEGACY_ECAP, 0x47);
    assertThatThrownBy(() -> Registers.of(capabilities(LEGACY_CAP, onTop)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("FRCD_LOW[7] at 0x470 lies on IVA");
  }

  @Test
  void aClientMachinesCapabilitiesReadAsItsKernelPrintsThem() {
    Capabilities client = capabilities(0x00d2_008c_4066_0462L, 0x00f0_50da);
    assertThat(client.capability().domainIdBits()).isEqualTo(8);
    assertThat(client.capability().guestAddressBits()).isEqualTo(39);
    assertThat(client.capability().supportsLevels(4)).isTrue();
    assertThat(client.capability().supportsLevels(3)).isFalse();
    assertThat(client.capability().faultRecordOffset()).isEqualTo(0x400);
    assertThat(client.capability().faultRecords()).isEqualTo(1);
    assertThat(client.capability().maximumAddressMask()).isEqualTo(18);
    assertThat(client.capability().supportsLargePage(2)).isTrue();
    assertThat(client.capability().supportsLargePage(3)).isTrue();
    assertThat(client.extended().invalidateAddressOffset()).isEqualTo(0x500);
    assertThat(client.has(Feature.PROTECTED_LOW_MEMORY)).isTrue();
    assertThat(client.has(Feature.CACHING_MODE)).isFalse();
    assertThat(client.has(Feature.COHERENT_TABLES)).isFalse();
    assertThat(client.has(Feature.EXTENDED_INTERRUPT_MODE)).isTrue();
  }
}
