package dev.portcullis.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.portcullis.kit.TestDevice;
import dev.portcullis.kit.TestMachine;
import dev.portcullis.kit.coverage.Covers;
import dev.portcullis.kit.register.Registers;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.spec.register.FeatureCapabilities;
import dev.portcullis.spec.register.PerformanceCapability;
import dev.portcullis.unit.UnitConfiguration;
import dev.portcullis.unit.UnitConfigurationBuilder;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Units whose features are not the usual ones: what the capability registers of a feature say, it
/// is.
class AnnouncedFeaturesConformanceTest {
  private static final FeatureCapabilities USUAL = FeatureCapabilities.STANDARD;
  private static final PerformanceCapability COUNTERS = USUAL.performance();

  private static final long PCCS = 1L << 51;
  private static final long IOS = 1L << 50;
  private static final long GFS = 1L << 49;
  private static final long CWE = 1L << 48;
  private static final long RIDFS = 1L << 32;
  private static final long PTLFS = 1L << 36;

  private static final int ECMD = 0x400;
  private static final int ECRSP = 0x410;
  private static final int VCMD = 0xe00;
  private static final int VCRSP = 0xe10;
  private static final int ENABLE = 0xf0;
  private static final int FREEZE = 0xf4;

  private Registers registers;
  private TestDevice device;

  /// A unit with counters that PERFCAP announces as `word`, two KiB apart from 8000h on.
  private void unitWithCounters(long word, List<Long> events) {
    PerformanceCapability counters =
        new PerformanceCapability(word, 0x3000, 0x1008, 0x1010, 0x8000, events);
    unit(
        new FeatureCapabilities(
            counters, USUAL.enhancedCommands(), USUAL.virtualCommands(), USUAL.memoryTypes()));
  }

  private void unit(FeatureCapabilities announced) {
    TestMachine machine =
        TestMachine.withUnit(builder ->
                builder
                    .with(Feature.ENHANCED_COMMANDS, Feature.PERFORMANCE_MONITORING)
                    .featureCapabilities(announced))
            .translating();
    registers = machine.registers();
    device = machine.device("00:03.0").map(0x1000, machine.page());
  }

  private static FeatureCapabilities commands(long last) {
    return new FeatureCapabilities(
        COUNTERS, List.of(0L, 0L, 0L, last), USUAL.virtualCommands(), USUAL.memoryTypes());
  }

  private static long counters(int number, int width, int groups, long features) {
    return features | (long) groups << 24 | (long) width << 16 | number;
  }

  private int command(int command, long operand) {
    registers.write64(ECMD, operand << 16 | command);
    return (int) registers.read64(ECRSP) >> 1 & 0x7f;
  }

  @Test
  @Covers({
    "register PERFCAP.NCNTR",
    "register PERFCAP.CS",
    "register PERFCFGOFF.offset",
    "register PERFCNTROFF.offset"
  })
  void countersAreWhereTheyAreAnnounced() {
    unitWithCounters(counters(2, 48, 1, 1L << 52), List.of(2L));

    registers.write64(0x3100, 2L << 32);
    assertThat(command(ENABLE, 1)).isZero();
    device.read(0x1000);

    assertThat(registers.read64(0x8800)).isEqualTo(1);
    assertThat(registers.read64(0x8000)).isZero();
    assertThat(command(ENABLE, 2)).as("a third").isEqualTo(16);
    registers.write64(0x3200, -1);
    assertThat(registers.read64(0x3200)).as("its configuration").isZero();
  }

  @ParameterizedTest
  @CsvSource({"8", "32", "63", "64"})
  @Covers("register PERFCAP.CW")
  void aCounterIsAsWideAsItIsAnnounced(int width) {
    unitWithCounters(counters(1, width, 1, 0), List.of(2L));
    long largest = -1L >>> 64 - width;

    registers.write64(0x8000, -1);
    assertThat(registers.read64(0x8000)).isEqualTo(largest);
    registers.write64(0x3000, 2L << 32);
    assertThat(command(ENABLE, 0)).isZero();
    device.read(0x1000);

    assertThat(registers.read64(0x8000)).isZero();
    assertThat(registers.read64(0x1010)).as("PERFOVFSTS").isEqualTo(1);
  }

  @Test
  @Covers({"register PERFCAP.IOS", "register PERFCAP.GFS"})
  void whatACounterCannotDoCannotBeAskedOfIt() {
    unitWithCounters(counters(1, 48, 1, IOS), List.of(2L));
    registers.write64(0x3000, -1);
    assertThat(registers.read64(0x3000) & 7).as("IO, not GFO").isEqualTo(2);

    unitWithCounters(counters(1, 48, 1, GFS), List.of(2L));
    registers.write64(0x3000, -1);
    assertThat(registers.read64(0x3000) & 7).as("GFO, not IO").isEqualTo(4);
  }

  @Test
  @Covers({"register PERFCAP.RIDFS", "register PERFCAP.PTLFS"})
  void thereAreNoFiltersButThoseThatAreAnnounced() {
    unitWithCounters(counters(1, 48, 1, RIDFS | PTLFS), List.of(2L));

    for (int filter = 0x3008; filter <= 0x3018; filter += 4) {
      registers.write32(filter, 0xffff_ffffL);
    }

    assertThat(registers.read32(0x3008)).as("requester").isEqualTo(0x8000_ffffL);
    assertThat(registers.read32(0x300c)).as("domain").isZero();
    assertThat(registers.read32(0x3010)).as("PASID").isZero();
    assertThat(registers.read32(0x3014)).as("address type").isZero();
    assertThat(registers.read32(0x3018)).as("level").isEqualTo(0x8000_001fL);
  }

  @Test
  @Covers("register PERFCAP.CWE")
  void aCounterThatCountsCanBeWrittenOnlyWhereThatIsAnnounced() {
    unitWithCounters(counters(1, 48, 1, 0), List.of(2L));
    registers.write64(0x3000, 2L << 32);
    assertThat(command(ENABLE, 0)).isZero();
    registers.write64(0x8000, 77);
    assertThat(registers.read64(0x8000)).isZero();

    unitWithCounters(counters(1, 48, 1, CWE), List.of(2L));
    registers.write64(0x3000, 2L << 32);
    assertThat(command(ENABLE, 0)).isZero();
    registers.write64(0x8000, 77);
    assertThat(registers.read64(0x8000)).isEqualTo(77);
  }

  @Test
  @Covers("register PERFEVNTCAP.events")
  void onlyEventsThatAreAnnouncedAreCounted() {
    unitWithCounters(counters(1, 48, 4, 0), List.of(2L, 1L, 0L, 2L));
    assertThat(registers.read64(0x398)).isEqualTo(2);

    registers.write64(0x3000, 1L << 32 | 3 << 8);
    assertThat(command(ENABLE, 0)).as("lookups").isEqualTo(16);
    registers.write64(0x3000, 2L << 32 | 3 << 8);
    assertThat(command(ENABLE, 0)).as("hits").isZero();
  }

  @Test
  @Covers({
    "register PERFCAP.PCCS",
    "register CNTRCAP.PCC",
    "register CNTRCAP.CW",
    "register CNTRCAP.IOS",
    "register CNTRCAP.GFS",
    "register CNTRCAP.EGCNT",
    "register CNTREVCAP.EGI",
    "register CNTREVCAP.events"
  })
  void everyCounterMaySayOfItselfWhatItCanDo() {
    unitWithCounters(counters(2, 40, 2, PCCS | IOS), List.of(2L, 9L));

    assertThat(registers.read32(0x3180)).isEqualTo(2L << 28 | 1 << 16 | 40 << 8 | 1);
    assertThat(registers.read32(0x3184)).isEqualTo(2);
    assertThat(registers.read32(0x3188)).isEqualTo(1L << 28 | 9);
    registers.write32(0x3180, 0);
    assertThat(registers.read32(0x3180)).isNotZero();
  }

  @Test
  void aUnitMayAnnounceThatItHasNoCountersAfterAll() {
    unitWithCounters(0, List.of());

    assertThat(registers.read64(0x300)).isZero();
    assertThat(command(ENABLE, 0)).isEqualTo(16);
    assertThat(command(FREEZE, 0)).isZero();
    assertThat(device.read(0x1000)).isNotNull();
  }

  @Test
  @Covers({"register ECCAP3.commands", "register ECRSP.SC"})
  void anEnhancedCommandThatIsNotAnnouncedIsNotKnown() {
    unit(commands(0x3fL << 48 & ~(1L << 52)));

    assertThat(registers.read64(0x448)).isEqualTo(0x2fL << 48);
    assertThat(command(FREEZE, 0)).isEqualTo(1);
    assertThat(command(FREEZE + 1, 0)).isZero();
  }

  @ParameterizedTest
  @CsvSource({"1, 0 1 1", "2, 1 0 1", "3, 0 0 1", "6, 1 0 0", "7, 0 0 0", "0, 1 1 1"})
  @Covers({"register VCCAP.NS", "register VCCAP.PAS", "register VCCAP.FPS"})
  void aVirtualCommandThatIsNotAnnouncedIsNotKnown(long announced, String expected) {
    FeatureCapabilities features =
        new FeatureCapabilities(COUNTERS, USUAL.enhancedCommands(), announced, USUAL.memoryTypes());
    registers =
        TestMachine.withUnit(builder ->
                builder
                    .with(Feature.VIRTUAL_COMMANDS, Feature.SCALABLE_MODE, Feature.PASID)
                    .featureCapabilities(features))
            .registers();

    List<String> statuses = new ArrayList<>();
    for (long command : new long[] {0, 1, 1L << 16 | 2}) {
      registers.write64(VCMD, command);
      statuses.add(String.valueOf(registers.read64(VCRSP) >> 1 & 0x7f));
    }

    assertThat(String.join(" ", statuses)).isEqualTo(expected);
    assertThat(registers.read64(0xe30)).isEqualTo(announced);
  }

  @Test
  @Covers({"register MTRRCAP.VCNT", "register MTRRCAP.FIX", "register MTRRCAP.WC"})
  void thereAreOnlyTheMemoryRangesThatAreAnnounced() {
    FeatureCapabilities features =
        new FeatureCapabilities(COUNTERS, USUAL.enhancedCommands(), USUAL.virtualCommands(), 0x003);
    registers =
        TestMachine.withUnit(builder ->
                UnitConfiguration.Preset.SCALABLE
                    .builder()
                    .with(Feature.MEMORY_TYPES)
                    .featureCapabilities(features))
            .registers();

    registers.write64(0x120, -1);
    registers.write64(0x180 + 0x20, 6);
    registers.write64(0x180 + 0x30, 6);

    assertThat(registers.read64(0x100)).isEqualTo(3);
    assertThat(registers.read64(0x120)).as("fixed").isZero();
    assertThat(registers.read64(0x1a0)).as("third").isEqualTo(6);
    assertThat(registers.read64(0x1b0)).as("fourth").isZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "80000000 | 0 | 0 | 7 | 50a | PERFCAP 0x80000000: bits 0x80000000 are reserved",
        "41 | 0 | 0 | 7 | 50a | PERFCAP.NCNTR 65: 0 to 64",
        "01000001 | 0 | 0 | 7 | 50a | PERFCAP.CW 0: 1 to 64 bits",
        "01410001 | 0 | 0 | 7 | 50a | PERFCAP.CW 65: 1 to 64 bits",
        "300001 | 0 | 0 | 7 | 50a | PERFCAP.EGCNT 0: counters that count nothing",
        "10300001 | 0 | 0 | 7 | 50a | PERFCAP.EGCNT 16: 0 to 15",
        "01300001 | 1 | 0 | 7 | 50a | PERFEVNTCAP0: events 0x1 are not counted here",
        "01300001 | 10000000 | 0 | 7 | 50a | PERFEVNTCAP 0x10000000: bits 0x10000000 are reserved",
        "0070000001300010 | 2 | 0 | 7 | 50a | PERFCNTROFF 0x4000: a multiple of 0x20000 that is not"
            + " 0",
        "0030000001300008 | 2 | 0 | 7 | 50a | PERFCNTR[6] at 0x10000 lies beyond the largest"
            + " window",
        "01300030 | 2 | 0 | 7 | 50a | lies on",
        "01300001 | 2 | 1 | 7 | 50a | ECCAP3: commands 0x1 do not exist",
        "01300001 | 2 | 0 | 8 | 50a | VCCAP 0x8: bits 0x8 are reserved",
        "01300001 | 2 | 0 | 4 | 50a | VCCAP.FPS needs VCCAP.PAS: there is no PASID to free",
        "01300001 | 2 | 0 | 7 | 20a | MTRRCAP 0x20a: bits 0x200 are reserved",
        "01300001 | 2 | 0 | 7 | 50b | MTRRCAP.VCNT 11: 0 to 10"
      })
  void whatContradictsItselfIsRefused(
      String perfcap, String events, String command, String vccap, String mtrrcap, String reason) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> {
          PerformanceCapability counters =
              new PerformanceCapability(
                  hex(perfcap), 0x2000, 0x2800, 0x2808, 0x4000, List.of(hex(events)));
          UnitConfiguration.Preset.EVERYTHING
              .builder()
              .featureCapabilities(
                  new FeatureCapabilities(
                      counters, List.of(0L, 0L, 0L, hex(command)), hex(vccap), hex(mtrrcap)))
              .build();
        })
        .withMessageContaining(reason);
  }

  @Test
  void whatNobodyAnnouncesCannotBeOtherThanUsual() {
    UnitConfigurationBuilder legacy = UnitConfiguration.builder();
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            legacy
                .featureCapabilities(
                    new FeatureCapabilities(
                        COUNTERS, USUAL.enhancedCommands(), USUAL.virtualCommands(), 0))
                .build())
        .withMessage("MTRRCAP needs MEMORY_TYPES");
    assertThatIllegalArgumentException()
        .isThrownBy(() ->
            UnitConfiguration.builder()
                .with(Feature.ENHANCED_COMMANDS)
                .featureCapabilities(commands(1L << 48))
                .build())
        .withMessage("ECCAP3: commands of counters need PERFORMANCE_MONITORING");
  }

  private static long hex(String digits) {
    return Long.parseUnsignedLong(digits, 16);
  }
}
