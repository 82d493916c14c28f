package dev.portcullis.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.kit.TestMachine;
import dev.portcullis.kit.coverage.Covers;
import dev.portcullis.kit.register.Offsets;
import dev.portcullis.kit.register.Registers;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.unit.UnitConfiguration;
import dev.portcullis.unit.UnitConfigurationBuilder;
import dev.portcullis.unit.policy.AddressWidth;
import dev.portcullis.unit.policy.LargePage;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// VER, CAP and ECAP say what the unit was made to be, and nothing that it is not.
class CapabilityConformanceTest {

  @Test
  @Covers({"register VER.MAX", "register VER.MIN"})
  void theVersionIsInTheLowByte() {
    Registers registers = TestMachine.withUnit(builder -> builder.version(3, 5)).registers();
    assertThat(registers.read32(Offsets.VER)).isEqualTo(0x35);
    registers.write32(Offsets.VER, -1);
    assertThat(registers.read32(Offsets.VER)).isEqualTo(0x35);
  }

  @Test
  @Covers({
    "register CAP.ND",
    "register CAP.SAGAW",
    "register CAP.MGAW",
    "register CAP.FRO",
    "register CAP.SSLPS",
    "register CAP.NFR",
    "register CAP.MAMV"
  })
  void numbersAreWhereTheArchitecturePutsThem() {
    long cap =
        TestMachine.withUnit(builder ->
                builder
                    .domainIdBits(12)
                    .addressWidths(Set.of(AddressWidth.BITS_39, AddressWidth.BITS_57))
                    .guestAddressBits(57)
                    .largePages(Set.of(LargePage.MIB_2))
                    .faultRecords(17)
                    .faultRecordOffset(0x1000)
                    .maximumAddressMask(9))
            .registers()
            .read64(Offsets.CAP);
    assertThat(cap & 7).isEqualTo(4);
    assertThat(cap >>> 8 & 31).isEqualTo(0b01010);
    assertThat(cap >>> 16 & 63).isEqualTo(56);
    assertThat(cap >>> 24 & 0x3ff).isEqualTo(0x100);
    assertThat(cap >>> 34 & 15).isEqualTo(1);
    assertThat(cap >>> 40 & 0xff).isEqualTo(16);
    assertThat(cap >>> 48 & 63).isEqualTo(9);
  }

  @Test
  @Covers("register ECAP.IRO")
  void theInvalidationRegistersAreWhereTheUnitSays() {
    Registers registers =
        TestMachine.withUnit(builder -> builder.invalidateAddressOffset(0x0f0)).registers();
    assertThat(registers.read64(Offsets.ECAP) >>> 8 & 0x3ff).isEqualTo(0xf);
    registers.write64(0xf8, 1L << 63 | 1L << 60);
    assertThat(registers.read64(0xf8) >>> 57 & 3).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({
    "WRITE_BUFFER_FLUSH, 4",
    "PROTECTED_LOW_MEMORY, 5",
    "PROTECTED_HIGH_MEMORY, 6",
    "CACHING_MODE, 7",
    "ZERO_LENGTH_READ, 22",
    "PAGE_SELECTIVE_INVALIDATION, 39",
    "WRITE_DRAINING, 54",
    "READ_DRAINING, 55",
    "ENHANCED_SET_ROOT_TABLE_POINTER, 63"
  })
  @Covers({
    "register CAP.RWBF",
    "register CAP.PLMR",
    "register CAP.PHMR",
    "register CAP.CM",
    "register CAP.ZLR",
    "register CAP.PSI",
    "register CAP.DWD",
    "register CAP.DRD",
    "register CAP.ESRTPS"
  })
  void aFeatureIsABitOfTheCapabilityRegister(Feature feature, int bit) {
    long with =
        TestMachine.withUnit(builder -> builder.with(feature)).registers().read64(Offsets.CAP);
    long without =
        TestMachine.withUnit(builder -> builder.without(feature)).registers().read64(Offsets.CAP);
    assertThat(with >>> bit & 1).isEqualTo(1);
    assertThat(without >>> bit & 1).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "COHERENT_TABLES, 0",
    "QUEUED_INVALIDATION, 1",
    "PASS_THROUGH, 6",
    "SNOOP_CONTROL, 7"
  })
  @Covers({"register ECAP.C", "register ECAP.QI", "register ECAP.PT", "register ECAP.SC"})
  void aFeatureIsABitOfTheExtendedCapabilityRegister(Feature feature, int bit) {
    long with =
        TestMachine.withUnit(builder -> builder.with(feature)).registers().read64(Offsets.ECAP);
    long without =
        TestMachine.withUnit(builder -> builder.without(feature)).registers().read64(Offsets.ECAP);
    assertThat(with >>> bit & 1).isEqualTo(1);
    assertThat(without >>> bit & 1).isZero();
  }

  /// A unit that has `feature`, and all that it may need.
  private static Registers with(Feature feature) {
    return TestMachine.withUnit(none -> UnitConfiguration.Preset.EVERYTHING.builder().with(feature))
        .registers();
  }

  @ParameterizedTest
  @CsvSource({
    "ENHANCED_SET_INTERRUPT_TABLE_POINTER, 62",
    "ENHANCED_COMMANDS, 61",
    "FIRST_STAGE_5_LEVELS, 60",
    "POSTED_INTERRUPTS, 59",
    "FIRST_STAGE_1_GIB_PAGES, 56"
  })
  @Covers({
    "register CAP.ESIRTPS",
    "register CAP.ECMDS",
    "register CAP.FS5LP",
    "register CAP.PI",
    "register CAP.FS1GP"
  })
  void aFeatureBeyondLegacyModeIsABitOfTheCapabilityRegister(Feature feature, int bit) {
    assertThat(with(feature).read64(Offsets.CAP) >>> bit & 1).isEqualTo(1);
    assertThat(TestMachine.withUnit().registers().read64(Offsets.CAP) >>> bit & 1).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "DEVICE_TLBS, 2",
    "INTERRUPT_REMAPPING, 3",
    "EXTENDED_INTERRUPT_MODE, 4",
    "MEMORY_TYPES, 25",
    "NESTED_TRANSLATION, 26",
    "PAGE_REQUESTS, 29",
    "SUPERVISOR_REQUESTS, 31",
    "NO_WRITE_FLAG, 33",
    "EXTENDED_ACCESSED_FLAG, 34",
    "PASID, 40",
    "DEVICE_TLB_INVALIDATION_THROTTLE, 41",
    "PAGE_REQUEST_DRAIN, 42",
    "SCALABLE_MODE, 43",
    "VIRTUAL_COMMANDS, 44",
    "SECOND_STAGE_ACCESSED_DIRTY, 45",
    "SECOND_STAGE, 46",
    "FIRST_STAGE, 47",
    "SCALABLE_WALK_COHERENCY, 48",
    "REQUESTER_PASID, 49",
    "PERFORMANCE_MONITORING, 51",
    "ABORT_DMA_MODE, 52",
    "REQUESTER_PRIVILEGE, 53",
    "HOST_PERMISSION_TABLES, 55",
    "PASID_IN_TRANSLATED_REQUESTS, 56",
    "SECOND_STAGE_IO_RIGHTS, 57",
    "STOP_MARKERS, 58",
    "HOST_PERMISSION_1_GIB, 59",
    "RESOURCE_DIRECTOR, 60",
    "EXTENDED_INTERRUPT_MODE_REQUIRED, 61",
    "INTERRUPT_REMAPPING_REQUIRED, 62"
  })
  @Covers({
    "register ECAP.DT",
    "register ECAP.IR",
    "register ECAP.EIM",
    "register ECAP.MTS",
    "register ECAP.NEST",
    "register ECAP.PRS",
    "register ECAP.SRS",
    "register ECAP.NWFS",
    "register ECAP.EAFS",
    "register ECAP.PASID",
    "register ECAP.DIT",
    "register ECAP.PDS",
    "register ECAP.SMTS",
    "register ECAP.VCS",
    "register ECAP.SSADS",
    "register ECAP.SSTS",
    "register ECAP.FSTS",
    "register ECAP.SMPWCS",
    "register ECAP.RPS",
    "register ECAP.PMS",
    "register ECAP.ADMS",
    "register ECAP.RPRIVS",
    "register ECAP.HPTS",
    "register ECAP.PTRS",
    "register ECAP.SSIRWS",
    "register ECAP.SMS",
    "register ECAP.HPT1GPS",
    "register ECAP.RDTS",
    "register ECAP.EIMER",
    "register ECAP.IRREQ"
  })
  void aFeatureBeyondLegacyModeIsABitOfTheExtendedCapabilityRegister(Feature feature, int bit) {
    assertThat(with(feature).read64(Offsets.ECAP) >>> bit & 1).isEqualTo(1);
    assertThat(TestMachine.withUnit().registers().read64(Offsets.ECAP) >>> bit & 1).isZero();
  }

  @Test
  @Covers({"register ECAP.PSS", "register ECAP.MHMV"})
  void widthsAreThereWithWhatTheyAreTheWidthsOf() {
    UnaryOperator<UnitConfigurationBuilder> narrow =
        builder -> builder.pasidBits(9).maximumInterruptMask(5);
    long ecap =
        TestMachine.withUnit(none -> narrow.apply(UnitConfiguration.Preset.SCALABLE.builder()))
            .registers()
            .read64(Offsets.ECAP);
    assertThat(ecap >>> 35 & 31).isEqualTo(8);
    assertThat(ecap >>> 20 & 15).isEqualTo(5);
    long without = TestMachine.withUnit(narrow).registers().read64(Offsets.ECAP);
    assertThat(without & (31L << 35 | 15L << 20)).isZero();
  }

  @Test
  @Covers({"register ECAP.ERS", "register ECAP.TDXCS"})
  void whatIsWithdrawnOrOfAnotherMachineIsNeverAnnounced() {
    for (Feature never : List.of(Feature.EXECUTE_REQUESTS, Feature.TDX_CONNECT)) {
      UnitConfigurationBuilder builder = UnitConfiguration.Preset.EVERYTHING.builder().with(never);
      assertThatThrownBy(builder::build)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(never + " is not implemented");
    }
    Registers everything = with(Feature.SCALABLE_MODE);
    assertThat(everything.read64(Offsets.ECAP) & (1L << 30 | 1L << 50)).isZero();
  }

  @Test
  void reservedAndRemovedBitsAreZero() {
    Registers registers =
        TestMachine.withUnit(builder -> builder.with(RegisterTable.everything())).registers();
    long cap = registers.read64(Offsets.CAP);
    assertThat(cap & (3L << 57 | 1L << 38 | 1L << 23 | 7L << 13 | 1L << 12 | 1L << 8 | 1L << 3))
        .isZero();
    long ecap = registers.read64(Offsets.ECAP);
    assertThat(ecap & (1L << 63 | 1L << 54 | 1L << 32 | 3L << 27 | 1L << 24 | 3L << 18 | 1L << 5))
        .isZero();
  }
}
