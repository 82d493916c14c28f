package dev.portcullis.conformance;

import static dev.portcullis.conformance.ScalableFixture.IOVA;
import static dev.portcullis.conformance.ScalableFixture.PLAIN;
import static dev.portcullis.conformance.ScalableFixture.PRIVILEGED;
import static dev.portcullis.conformance.ScalableFixture.SOURCE;
import static dev.portcullis.conformance.ScalableFixture.WITH_PASID;
import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.kit.coverage.Covers;
import dev.portcullis.kit.register.Command;
import dev.portcullis.pci.AtsEntry;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.unit.request.Request;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The fields of a translation completion in scalable mode, and what they depend on; and rights
/// that do not come from the page.
class CompletionConformanceTest {
  private static final long RW = AtsEntry.R | AtsEntry.W;
  private static final long PGSNP = 1 << 24;
  private static final long SNP = 1 << 11;
  private static final long SRE = 1;
  private static final long RID_PRIV = 1 << 20;
  private static final long DIRTY = 1 << 6;
  private static final long USER = 1 << 2;
  private static final long INTERRUPTS = 0xfee0_1000L;
  private static final int MIB_2 = 21;
  private static final int GIB_1 = 30;

  private static long readOnly(ScalableFixture fixture, int prefix, long iova) {
    return fixture.machine.unit().requestTranslation(SOURCE, prefix, iova, true);
  }

  @Test
  void aPageIsGivenWithItsRightsAndNothingElse() {
    ScalableFixture fixture = new ScalableFixture(b -> b).start();
    assertThat(fixture.translation(WITH_PASID, IOVA)).isEqualTo(fixture.page | RW);
    assertThat(fixture.translation(PLAIN, IOVA)).isEqualTo(fixture.page | RW);
  }

  @Test
  void whatPassesThroughIsGivenInTheLargestPagesThereAre() {
    long iova = 0x12_3456_7000L;
    ScalableFixture fixture = new ScalableFixture(b -> b).passThrough().start();
    long entry = fixture.translation(WITH_PASID, iova);
    assertThat(AtsEntry.pageLog2(entry)).isEqualTo(GIB_1);
    assertThat(AtsEntry.page(entry)).isEqualTo(iova & -1L << GIB_1);
    assertThat(entry & 0xfff).isEqualTo(RW | AtsEntry.S);

    ScalableFixture snooped = new ScalableFixture(b -> b).passThrough();
    snooped.set(snooped.entry(WITH_PASID, 1), PGSNP);
    assertThat(snooped.start().translation(WITH_PASID, iova) & AtsEntry.N).isNotZero();
    assertThat(snooped.translation(PLAIN, iova) & AtsEntry.N).isZero();
  }

  @Test
  void snoopingIsForcedByThePasidOrByThePageOfASecondStage() {
    ScalableFixture first = new ScalableFixture(b -> b);
    first.set(first.entry(WITH_PASID, 1), PGSNP);
    assertThat(first.start().translation(WITH_PASID, IOVA)).isEqualTo(first.page | RW | AtsEntry.N);

    ScalableFixture second = new ScalableFixture(b -> b).secondStage();
    second.set(second.second.entry(IOVA, 1), SNP);
    assertThat(second.start().translation(WITH_PASID, IOVA))
        .isEqualTo(second.page | RW | AtsEntry.N);

    ScalableFixture nested = new ScalableFixture(b -> b).nested();
    nested.set(nested.second.entry(nested.page, 1), SNP);
    assertThat(nested.start().translation(WITH_PASID, IOVA))
        .isEqualTo(nested.page | RW | AtsEntry.N);
  }

  @Test
  void aLargePageIsGivenWhole() {
    ScalableFixture second = new ScalableFixture(b -> b).secondStage();
    second.memory.writeLong(second.second.entry(IOVA, 2), 0x20_0000 | 1 << 7 | 3);
    long entry = second.start().translation(WITH_PASID, IOVA);
    assertThat(AtsEntry.pageLog2(entry)).isEqualTo(MIB_2);
    assertThat(AtsEntry.page(entry)).isEqualTo(0x20_0000);
  }

  @Test
  void underTwoStagesTheSmallerPageIsGiven() {
    ScalableFixture largeBelow = new ScalableFixture(b -> b).nested();
    long block = largeBelow.page & -1L << MIB_2;
    largeBelow.memory.writeLong(largeBelow.second.entry(largeBelow.page, 2), block | 1 << 7 | 3);
    assertThat(largeBelow.start().translation(WITH_PASID, IOVA)).isEqualTo(largeBelow.page | RW);

    ScalableFixture largeAbove = new ScalableFixture(b -> b).nested();
    long guest = 0x4000_0000L;
    largeAbove.second.map(guest + (IOVA & (1 << MIB_2) - 1), largeAbove.page, 3);
    largeAbove.memory.writeLong(largeAbove.first.entry(IOVA, 2), guest | 1 << 7 | 0x27);
    assertThat(largeAbove.start().translation(WITH_PASID, IOVA)).isEqualTo(largeAbove.page | RW);
  }

  @Test
  @Covers("register ECAP.NWFS")
  void aDeviceThatOnlyReadsGetsNoRightToWrite() {
    ScalableFixture able = new ScalableFixture(b -> b).start();
    assertThat(readOnly(able, WITH_PASID, IOVA)).isEqualTo(able.page | AtsEntry.R);
    assertThat(able.memory.readLong(able.first.entry(IOVA, 1)) & DIRTY).isZero();
    assertThat(able.translation(WITH_PASID, IOVA)).isEqualTo(able.page | RW);
    assertThat(able.memory.readLong(able.first.entry(IOVA, 1)) & DIRTY).isNotZero();

    ScalableFixture unable = new ScalableFixture(b -> b.without(Feature.NO_WRITE_FLAG)).start();
    assertThat(readOnly(unable, WITH_PASID, IOVA)).isEqualTo(unable.page | RW);
  }

  @Test
  @Covers("register ECAP.NWFS")
  void theInterruptRangeIsForWritesThatAreNotTranslated() {
    ScalableFixture able = new ScalableFixture(b -> b).start();
    long flags = 0xfff;
    assertThat(able.translation(PLAIN, INTERRUPTS) & flags).isEqualTo(AtsEntry.W | AtsEntry.U);
    assertThat(readOnly(able, PLAIN, INTERRUPTS)).isZero();
    assertThat(able.isRecorded()).isFalse();

    ScalableFixture unable = new ScalableFixture(b -> b.without(Feature.NO_WRITE_FLAG)).start();
    assertThat(readOnly(unable, PLAIN, INTERRUPTS) & flags).isEqualTo(AtsEntry.W | AtsEntry.U);
  }

  @Test
  @Covers("register ECAP.SRS")
  void aCompletionSaysThatThePrefixAskedForPrivilege() {
    ScalableFixture fixture = new ScalableFixture(b -> b);
    fixture.clear(fixture.first.entry(IOVA, 1), USER);
    fixture.set(fixture.entry(WITH_PASID, 2), SRE);
    fixture.start();
    assertThat(fixture.translation(PRIVILEGED, IOVA)).isEqualTo(fixture.page | RW | AtsEntry.PRIV);
    assertThat(fixture.translation(WITH_PASID, IOVA)).isZero();
  }

  @Test
  @Covers({"register ECAP.RPRIVS", "fault 5Dh"})
  void requestsWithoutPasidHaveThePrivilegeOfTheContextAndDoNotSaySo() {
    ScalableFixture without = new ScalableFixture(b -> b);
    without.set(without.context + 8, RID_PRIV);
    without.start().untranslated(PLAIN, Request.READ);
    assertThat(without.reason()).isEqualTo(0x5d);

    ScalableFixture with = new ScalableFixture(b -> b);
    with.set(with.context + 8, RID_PRIV);
    with.set(with.entry(PLAIN, 2), SRE);
    with.clear(with.first.entry(IOVA, 1), USER);
    assertThat(with.start().untranslated(PLAIN, Request.READ)).isEqualTo(with.page);
    assertThat(with.translation(PLAIN, IOVA)).isEqualTo(with.page | RW);
    with.untranslated(WITH_PASID, Request.READ);
    assertThat(with.reason()).isEqualTo(0x81);
  }

  @Test
  @Covers({"fault 60h", "fault 83h"})
  void theSizeOfTheHostPermissionTableIsItsLimit() {
    for (int size = 0; size < 4; size++) {
      ScalableFixture fixture = new ScalableFixture(b -> b);
      fixture.hostPermissions(fixture.machine.page() | size).start();
      fixture.translated(WITH_PASID, 1L << 49 + size, Request.READ);
      assertThat(fixture.reason()).as("size %d", size).isEqualTo(0x60);
      fixture.machine.faults().take();
    }
    ScalableFixture largest = new ScalableFixture(b -> b);
    largest.hostPermissions(largest.machine.page() | 3).start();
    largest.translated(WITH_PASID, 1L << 49, Request.READ);
    assertThat(largest.reason()).as("beyond the host's addresses alone").isEqualTo(0x83);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @Covers({"fault A3h", "fault A5h", "register CAP.ZLR"})
  void aZeroLengthReadWithoutPermissionIsAReadWhereTheUnitDoesNotTellThemApart(boolean able) {
    ScalableFixture fixture =
        new ScalableFixture(b -> able ? b : b.without(Feature.ZERO_LENGTH_READ));
    fixture.hostPermissions(fixture.machine.page()).start();
    fixture.translated(WITH_PASID, 0x5000, Request.ZERO_LENGTH_READ);
    assertThat(fixture.reason()).isEqualTo(able ? 0xa3 : 0xa5);
  }

  @Test
  @Covers({"register GCMD.TE", "register ECAP.SMTS"})
  void turningTranslationOffEmptiesTheCachesOfAUnitWithScalableMode() {
    ScalableFixture fixture = new ScalableFixture(b -> b).start();
    assertThat(fixture.untranslated(WITH_PASID, Request.READ)).isEqualTo(fixture.page);
    long other = fixture.machine.page();
    fixture.first.map(IOVA, other, 0x27);
    assertThat(fixture.untranslated(WITH_PASID, Request.READ)).as("cached").isEqualTo(fixture.page);
    fixture.registers.disable(Command.TE);
    fixture.registers.enable(Command.TE);
    assertThat(fixture.untranslated(WITH_PASID, Request.READ)).isEqualTo(other);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @Covers("register ECAP.EAFS")
  void theExtendedAccessedFlagIsSetWhereThePasidWantsIt(boolean wanted) {
    ScalableFixture fixture = new ScalableFixture(b -> b);
    fixture.set(fixture.entry(WITH_PASID, 2), wanted ? 1 << 7 : 0);
    assertThat(fixture.start().untranslated(WITH_PASID, Request.READ)).isEqualTo(fixture.page);
    for (int level = 1; level <= 4; level++) {
      long entry = fixture.memory.readLong(fixture.first.entry(IOVA, level));
      assertThat(entry >>> 10 & 1).as("EA at level %d", level).isEqualTo(wanted ? 1 : 0);
    }
  }
}
