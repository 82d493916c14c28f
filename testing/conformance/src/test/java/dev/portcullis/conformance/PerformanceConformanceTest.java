package dev.portcullis.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.kit.TestDevice;
import dev.portcullis.kit.TestMachine;
import dev.portcullis.kit.coverage.Covers;
import dev.portcullis.kit.fault.Messages.Message;
import dev.portcullis.kit.register.Registers;
import dev.portcullis.pci.PasidPrefix;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.unit.request.Request;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Counters: what they count, what filters let through, and what an overflow does.
class PerformanceConformanceTest {
  private static final int PERFCAP = 0x300;
  private static final int PERFCFGOFF = 0x310;
  private static final int PERFFRZOFF = 0x314;
  private static final int PERFOVFOFF = 0x318;
  private static final int PERFCNTROFF = 0x31c;
  private static final int PERFINTRSTS = 0x324;
  private static final int PERFINTRCTL = 0x328;
  private static final int PERFINTRDATA = 0x32c;
  private static final int PERFINTRADDR = 0x330;
  private static final int PERFEVNTCAP = 0x380;
  private static final int ECMD = 0x400;
  private static final int ECRSP = 0x410;
  private static final int ECCAP3 = 0x448;

  private static final int ENABLE = 0xf0;
  private static final int DISABLE = 0xf1;
  private static final int RESET_CONFIGURATION = 0xf2;
  private static final int RESET_VALUES = 0xf3;
  private static final int FREEZE = 0xf4;
  private static final int UNFREEZE = 0xf5;

  private static final int SUCCESS = 0;
  private static final int REFUSED = 16;
  private static final long FILTER = 1L << 31;
  private static final long LARGEST = (1L << 48) - 1;
  private static final Message OVERFLOW = new Message(0xfee0_3000L, 0x51);

  private final TestMachine machine =
      TestMachine.withUnit(
              builder -> builder.with(Feature.ENHANCED_COMMANDS, Feature.PERFORMANCE_MONITORING))
          .translating();

  private final Registers registers = machine.registers();
  private final TestDevice device = machine.device("00:03.0").map(0x1000, machine.page());
  private final TestDevice other = machine.device("00:05.0").map(0x1000, machine.page());

  private int configuration(int counter) {
    return (int) registers.read32(PERFCFGOFF) + 0x100 * counter;
  }

  private int counter(int counter) {
    int stride = 1 << (int) (registers.read64(PERFCAP) >>> 52 & 7) + 10;
    return (int) registers.read32(PERFCNTROFF) + stride * counter;
  }

  private long count(int counter) {
    return registers.read64(counter(counter));
  }

  private int command(int command, long operand) {
    registers.write64(ECMD, operand << 16 | command);
    return (int) registers.read64(ECRSP) >> 1 & 0x7f;
  }

  private void select(int counter, int group, long events) {
    registers.write64(configuration(counter), events << 32 | (long) group << 8);
  }

  private void start(int counter, int group, long events) {
    select(counter, group, events);
    assertThat(command(ENABLE, counter)).isEqualTo(SUCCESS);
  }

  @Test
  @Covers({
    "register PERFCAP.NCNTR",
    "register PERFCAP.CW",
    "register PERFCAP.EGCNT",
    "register PERFCAP.CS",
    "register PERFCAP.IOS",
    "register PERFCAP.GFS",
    "register PERFCAP.CWE",
    "register PERFCAP.PCCS",
    "register PERFCAP.RIDFS",
    "register PERFCAP.DIDFS",
    "register PERFCAP.PASIDFS",
    "register PERFCAP.ATFS",
    "register PERFCAP.PTLFS",
    "register PERFCFGOFF.offset",
    "register PERFFRZOFF.offset",
    "register PERFOVFOFF.offset",
    "register PERFCNTROFF.offset",
    "register PERFEVNTCAP.events",
    "register ECAP.PMS"
  })
  void whatCanBeCountedIsAnnounced() {
    long capability = registers.read64(PERFCAP);

    assertThat(capability & 0xffff).as("counters").isEqualTo(8);
    assertThat(capability >>> 16 & 0x7f).as("width").isEqualTo(48);
    assertThat(capability >>> 24 & 0x1f).as("event groups").isEqualTo(5);
    assertThat(capability >>> 32 & 0x1f).as("filters").isEqualTo(0x1f);
    assertThat(capability >>> 48 & 0xf).as("CWE, GFS, IOS, not PCCS").isEqualTo(7);
    assertThat(capability >>> 52).as("stride of 1 KiB").isZero();
    assertThat(registers.read64(PERFEVNTCAP)).isEqualTo(0b10);
    assertThat(registers.read64(PERFEVNTCAP + 8)).isEqualTo(0b1100_1001);
    assertThat(registers.read64(PERFEVNTCAP + 16)).isEqualTo(0xff);
    assertThat(registers.read64(PERFEVNTCAP + 24)).isEqualTo(0xf);
    assertThat(registers.read64(PERFEVNTCAP + 32)).isEqualTo(0x7);
    assertThat(registers.read32(PERFCFGOFF) % 256).isZero();
    assertThat(registers.read32(PERFFRZOFF) % 8).isZero();
    assertThat(registers.read32(PERFOVFOFF) % 8).isZero();
    assertThat(registers.read32(PERFCNTROFF) % 1024).isZero();
  }

  @Test
  @Covers({
    "register CNTRCFG.ES",
    "register CNTRCFG.EGI",
    "register CNTRCFG.EN",
    "register PERFCNTR.CNT"
  })
  void aCounterCountsRequestsFromEnablingToDisabling() {
    device.read(0x1000);
    start(2, 0, 0b10);

    device.read(0x1000);
    other.write(0x1008);
    assertThat(registers.read64(configuration(2)) & 1).as("EN").isEqualTo(1);
    assertThat(command(DISABLE, 2)).isEqualTo(SUCCESS);
    device.read(0x1000);

    assertThat(count(2)).isEqualTo(2);
    assertThat(registers.read64(configuration(2)) & 1).as("EN").isZero();
  }

  @Test
  void lookupsAndHitsAreCounted() {
    start(0, 3, 0b01);
    start(1, 3, 0b10);
    start(2, 2, 0b01);
    start(3, 2, 0b10);
    start(4, 1, 0b01);

    device.read(0x1000);
    device.read(0x1000);

    assertThat(count(0)).as("IOTLB lookups").isEqualTo(2);
    assertThat(count(1)).as("IOTLB hits").isEqualTo(1);
    assertThat(count(2)).as("context lookups").isEqualTo(2);
    assertThat(count(3)).as("context hits").isEqualTo(1);
    assertThat(count(4)).as("root, context and four levels").isEqualTo(6);
  }

  @Test
  @Covers({"register CNTRRIDF.EN", "register CNTRRIDF.RID"})
  void aRequesterFilterLetsOneRequesterCount() {
    registers.write32(configuration(0) + 8, FILTER | device.sourceId());
    start(0, 0, 0b10);

    device.read(0x1000);
    other.read(0x1000);

    assertThat(count(0)).isEqualTo(1);
  }

  @Test
  @Covers({"register CNTRDIDF.EN", "register CNTRDIDF.DID"})
  void aDomainFilterLetsOneDomainCount() {
    registers.write32(configuration(0) + 0xc, FILTER | other.domain().id());
    start(0, 0, 0b10);

    device.read(0x1000);
    other.read(0x1000);
    other.read(0x1000);

    assertThat(count(0)).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "1, 0", "2, 1", "3, 0"})
  @Covers({"register CNTRPASIDF.EN", "register CNTRPASIDF.PFM", "register CNTRPASIDF.PASID"})
  void aPasidFilterTellsRequestsWithPasidFromOthers(int mode, int counted) {
    registers.write32(configuration(0) + 0x10, FILTER | (long) mode << 20);
    start(0, 0, 0b10);

    device.read(0x1000);

    assertThat(count(0)).isEqualTo(counted);
  }

  @ParameterizedTest
  @CsvSource({"0, 3, 1", "0, 4, 0", "1, 4, 1", "2, 3, 0", "3, 3, 0"})
  @Covers({"register CNTRPASIDF.PFM", "register CNTRPASIDF.PASID"})
  void aPasidFilterTellsRequestsOfOnePasidFromThoseOfAnother(int mode, int pasid, int counted) {
    registers.write32(configuration(0) + 0x10, FILTER | (long) mode << 20 | pasid);
    start(0, 0, 0b10);

    machine.unit().translate(1, PasidPrefix.of(3), 0x1000, Request.READ);

    assertThat(count(0)).isEqualTo(counted);
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "2, 0", "4, 0"})
  @Covers({"register CNTRATF.EN", "register CNTRATF.AT"})
  void anAddressTypeFilterTellsUntranslatedRequestsFromOthers(int types, int counted) {
    registers.write32(configuration(0) + 0x14, FILTER | types);
    start(0, 0, 0b10);

    device.read(0x1000);

    assertThat(count(0)).isEqualTo(counted);
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "2, 0", "4, 0"})
  @Covers({"register CNTRPTLF.EN", "register CNTRPTLF.levels"})
  void aLevelFilterTellsPagesOfOneSizeFromOthers(int levels, int counted) {
    device.read(0x1000);
    registers.write32(configuration(0) + 0x18, FILTER | levels);
    start(0, 3, 0b10);

    device.read(0x1000);

    assertThat(count(0)).isEqualTo(counted);
  }

  @Test
  @Covers("register ECRSP.SC")
  void whatCannotBeCountedIsRefused() {
    select(0, 0, 0);
    assertThat(command(ENABLE, 0)).as("no event").isEqualTo(REFUSED);
    select(0, 0, 0b100);
    assertThat(command(ENABLE, 0)).as("an event it lacks").isEqualTo(REFUSED);
    select(0, 9, 1);
    assertThat(command(ENABLE, 0)).as("a group it lacks").isEqualTo(REFUSED);
    select(0, 3, 0b11);
    registers.write32(configuration(0) + 8, FILTER);
    assertThat(command(ENABLE, 0)).as("two events and a filter").isEqualTo(REFUSED);
    select(0, 3, 0b01);
    registers.write32(configuration(0) + 8, 0);
    registers.write32(configuration(0) + 0x18, FILTER | 1);
    assertThat(command(ENABLE, 0)).as("levels of lookups").isEqualTo(REFUSED);
    select(0, 4, 0b01);
    registers.write32(configuration(0) + 0x18, 0);
    registers.write32(configuration(0) + 0xc, FILTER | 1);
    assertThat(command(ENABLE, 0)).as("domains of interrupts").isEqualTo(REFUSED);
    assertThat(command(ENABLE, 8)).as("counter 8 of 0 to 7").isEqualTo(REFUSED);
    assertThat(command(DISABLE, 8)).as("counter 8 of 0 to 7").isEqualTo(REFUSED);
  }

  @Test
  void whatDecidesAboutACounterStaysAsItIsWhileItCounts() {
    start(0, 0, 0b10);
    long before = registers.read64(configuration(0));

    registers.write64(configuration(0), 0);
    registers.write32(configuration(0) + 8, FILTER | 1);

    assertThat(registers.read64(configuration(0))).isEqualTo(before);
    assertThat(registers.read32(configuration(0) + 8)).isZero();
  }

  @Test
  @Covers({
    "register PERFOVFSTS.overflowed",
    "register CNTRCFG.IO",
    "register PERFINTRSTS.PIS",
    "register PERFINTRCTL.IM",
    "register PERFINTRCTL.IP",
    "register PERFINTRDATA.IMD",
    "register PERFINTRADDR.MA"
  })
  void anOverflowIsToldAndInterrupts() {
    registers.write32(PERFINTRDATA, OVERFLOW.data());
    registers.write32(PERFINTRADDR, OVERFLOW.address());
    registers.write64(counter(1), LARGEST);
    registers.write64(configuration(1), 0b10L << 32 | 0b10);
    command(ENABLE, 1);

    device.read(0x1000);

    assertThat(count(1)).isZero();
    assertThat(registers.read64(registers.read32(PERFOVFOFF))).isEqualTo(0b10);
    assertThat(registers.read32(PERFINTRSTS)).isEqualTo(1);
    assertThat(machine.messages().take()).as("masked").isEmpty();
    assertThat(registers.read32(PERFINTRCTL)).isEqualTo(0xc000_0000L);
    registers.write32(PERFINTRCTL, 0);
    assertThat(machine.messages().take()).containsExactly(OVERFLOW);
    registers.write64(registers.read32(PERFOVFOFF), 0b10);
    registers.write32(PERFINTRSTS, 1);
    assertThat(registers.read64(registers.read32(PERFOVFOFF))).isZero();
    assertThat(registers.read32(PERFINTRSTS)).isZero();
  }

  @Test
  @Covers({"register CNTRCFG.GFO", "register PERFFRZSTS.frozen"})
  void anOverflowFreezesEveryCounterIfItIsToldTo() {
    registers.write64(counter(1), LARGEST);
    registers.write64(configuration(1), 0b10L << 32 | 0b100);
    command(ENABLE, 1);
    start(0, 0, 0b10);

    device.read(0x1000);
    device.read(0x1000);

    assertThat(count(0)).isEqualTo(1);
    assertThat(registers.read64(registers.read32(PERFFRZOFF))).isEqualTo(0xff);
    command(DISABLE, 0);
    assertThat(registers.read64(registers.read32(PERFFRZOFF))).isEqualTo(0xfe);
  }

  @Test
  @Covers({
    "register ECMD.CMD",
    "register ECMD.OA",
    "register ECCAP3.commands",
    "register CAP.ECMDS"
  })
  void countersAreFrozenReleasedAndResetByCommand() {
    assertThat(registers.read64(ECCAP3) >>> 48).isEqualTo(0b11_1111);
    start(0, 0, 0b10);
    assertThat(command(FREEZE, 0)).isEqualTo(SUCCESS);
    device.read(0x1000);
    assertThat(count(0)).isZero();
    assertThat(command(UNFREEZE, 0)).isEqualTo(SUCCESS);
    device.read(0x1000);
    assertThat(count(0)).isEqualTo(1);
    assertThat(command(RESET_VALUES, 0)).isEqualTo(SUCCESS);
    assertThat(count(0)).isZero();
    assertThat(command(RESET_CONFIGURATION, 0)).isEqualTo(SUCCESS);
    device.read(0x1000);

    assertThat(count(0)).isZero();
    assertThat(registers.read64(configuration(0))).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 0xef, 0xf6, 0xff})
  void anEnhancedCommandThatDoesNotExistIsAnsweredWithCodeOne(int command) {
    assertThat(command(command, 0)).isEqualTo(1);
  }

  @Test
  void theUpperHalfOfACommandAloneStartsNothing() {
    select(0, 0, 0b10);
    registers.write32(ECMD + 4, 0);
    assertThat(registers.read64(ECRSP)).isZero();
    registers.write32(ECMD, ENABLE);

    assertThat(registers.read64(configuration(0)) & 1).isEqualTo(1);
  }

  @Test
  @Covers({
    "register ECRSP.RSLT",
    "register ECRSP.IP",
    "register ECEO.OB",
    "register ECCAP0.commands",
    "register ECCAP1.commands",
    "register ECCAP2.commands"
  })
  void aCommandHasEndedWhenItsWriteHasAndAnswersWithAStatusOnly() {
    registers.write64(ECMD + 8, -1L);
    command(ENABLE, 99);

    assertThat(registers.read64(ECRSP)).isEqualTo(REFUSED << 1);
    assertThat(registers.read64(ECMD)).as("write-only").isZero();
    assertThat(registers.read64(ECMD + 8)).as("write-only").isZero();
    for (int offset = 0x430; offset < ECCAP3; offset += 8) {
      assertThat(registers.read64(offset)).as("commands below c0h").isZero();
    }
  }

  @Test
  @Covers("register PERFINTRUADDR.MUA")
  void theUpperAddressOfTheOverflowMessageNeedsExtendedInterrupts() {
    registers.write32(PERFINTRADDR + 4, 0x1234_5600L);
    assertThat(registers.read32(PERFINTRADDR + 4)).isZero();

    Registers extended =
        TestMachine.withUnit(builder ->
                builder.with(
                    Feature.ENHANCED_COMMANDS,
                    Feature.PERFORMANCE_MONITORING,
                    Feature.INTERRUPT_REMAPPING,
                    Feature.EXTENDED_INTERRUPT_MODE))
            .registers();
    extended.write32(PERFINTRADDR + 4, 0x1234_5600L);
    assertThat(extended.read32(PERFINTRADDR + 4)).isEqualTo(0x1234_5600L);
  }

  @Test
  void aResetOfTheUnitStopsCounting() {
    start(0, 0, 0b10);

    machine.unit().reset();

    assertThat(registers.read64(configuration(0))).isZero();
    assertThat(registers.read64(PERFCAP)).isNotZero();
  }
}
