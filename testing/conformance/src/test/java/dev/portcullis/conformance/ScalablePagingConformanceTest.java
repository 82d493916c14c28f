package dev.portcullis.conformance;

import static dev.portcullis.conformance.ScalableFixture.IOVA;
import static dev.portcullis.conformance.ScalableFixture.PASID;
import static dev.portcullis.conformance.ScalableFixture.PLAIN;
import static dev.portcullis.conformance.ScalableFixture.WITH_PASID;
import static dev.portcullis.conformance.ScalableFixture.completion;
import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.kit.coverage.Covers;
import dev.portcullis.kit.queue.Descriptor;
import dev.portcullis.kit.register.Offsets;
import dev.portcullis.kit.register.Registers.Protection;
import dev.portcullis.pci.Completion;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.unit.request.Request;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Pages of scalable mode: of every size and depth, of two stages, their flags, and what is
/// remembered of them.
class ScalablePagingConformanceTest {
  private static final long SIZE = 1 << 7;
  private static final long ATTRIBUTE = 1 << 12;
  private static final long FIVE_LEVELS = 1 << 2;
  private static final long MARKS = 1 << 9;
  private static final long ACCESSED = 1 << 8;
  private static final long DIRTY = 1 << 9;
  private static final long MIB_2 = 1 << 21;

  @ParameterizedTest
  @CsvSource({"2, 21", "3, 30"})
  @Covers("register CAP.FS1GP")
  void aLargePageOfTheFirstStageMayHaveItsAttributeInBit12(int level, int log2) {
    ScalableFixture fixture = new ScalableFixture(b -> b);
    long start = 3L << log2;
    fixture.memory.writeLong(fixture.first.entry(IOVA, level), start | ATTRIBUTE | SIZE | 0x27);
    assertThat(fixture.start().untranslated(WITH_PASID, Request.READ))
        .isEqualTo(start | IOVA & (1L << log2) - 1);
  }

  @Test
  @Covers({"register CAP.FS5LP", "fault 80h"})
  void fiveLevelsTranslate57Bits() {
    ScalableFixture fixture = new ScalableFixture(b -> b);
    ScalableFixture.Tables deep = new ScalableFixture.Tables(fixture.memory, 5, 0x27);
    long last = (1L << 56) - 0x1000;
    long first = -1L << 56;
    deep.map(last, fixture.page, 0x27);
    deep.map(first, fixture.page, 0x27);
    fixture.memory.writeLong(fixture.entry(WITH_PASID, 2), deep.root | FIVE_LEVELS);
    fixture.start();
    assertThat(fixture.untranslated(WITH_PASID, last, Request.READ)).isEqualTo(fixture.page);
    assertThat(fixture.untranslated(WITH_PASID, first, Request.READ)).isEqualTo(fixture.page);
    fixture.untranslated(WITH_PASID, 1L << 56, Request.READ);
    assertThat(fixture.reason()).isEqualTo(0x80);
  }

  @Test
  @Covers("register ECAP.NEST")
  void aLargePageOverSmallOnesIsRememberedInSmallOnes() {
    ScalableFixture fixture = new ScalableFixture(b -> b).nested();
    long guest = 0x4000_0000L;
    long offset = IOVA & MIB_2 - 1;
    long other = fixture.machine.page();
    fixture.second.map(guest + offset, fixture.page, 3);
    fixture.second.map(guest + offset + 0x1000, other, 3);
    fixture.memory.writeLong(fixture.first.entry(IOVA, 2), guest | SIZE | 0x27);
    fixture.start();
    assertThat(fixture.untranslated(WITH_PASID, Request.READ)).isEqualTo(fixture.page);
    assertThat(fixture.untranslated(WITH_PASID, IOVA + 0x1000, Request.READ)).isEqualTo(other);
  }

  @Test
  @Covers("register ECAP.SSADS")
  void aSecondStageKeepsFlagsWhereThePasidWantsIt() {
    ScalableFixture fixture = new ScalableFixture(b -> b).secondStage();
    fixture.set(fixture.entry(WITH_PASID, 0), MARKS);
    fixture.start().untranslated(WITH_PASID, Request.READ);
    for (int level = 1; level <= 4; level++) {
      assertThat(flags(fixture, level)).as("read, level %d", level).isEqualTo(ACCESSED);
    }
    assertThat(fixture.untranslated(WITH_PASID, Request.WRITE)).isEqualTo(fixture.page);
    assertThat(flags(fixture, 1)).as("written").isEqualTo(ACCESSED | DIRTY);
    assertThat(flags(fixture, 2)).as("pointer").isEqualTo(ACCESSED);

    ScalableFixture without = new ScalableFixture(b -> b).secondStage().start();
    assertThat(without.untranslated(WITH_PASID, Request.WRITE)).isEqualTo(without.page);
    assertThat(flags(without, 1)).as("not wanted").isZero();
  }

  private static long flags(ScalableFixture fixture, int level) {
    return fixture.memory.readLong(fixture.second.entry(IOVA, level)) & (ACCESSED | DIRTY);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @Covers("register CAP.CM")
  void anAbsentPasidIsRememberedInCachingModeAlone(boolean remembered) {
    ScalableFixture fixture =
        new ScalableFixture(b -> remembered ? b.with(Feature.CACHING_MODE) : b);
    fixture.clear(fixture.entry(WITH_PASID, 0), 1);
    fixture.start().untranslated(WITH_PASID, Request.READ);
    assertThat(fixture.reason()).isEqualTo(0x59);
    fixture.set(fixture.entry(WITH_PASID, 0), 1);
    assertThat(fixture.untranslated(WITH_PASID, Request.READ) < 0).isEqualTo(remembered);
    fixture.machine.queue().complete(Descriptor.pasid(0, PASID));
    assertThat(fixture.untranslated(WITH_PASID, Request.READ)).isEqualTo(fixture.page);
  }

  @Test
  @Covers("register PMEN.PRS")
  void translatedRequestsDoNotReachProtectedMemory() {
    ScalableFixture fixture = new ScalableFixture(b -> b);
    fixture.registers.write32(Offsets.PLMBASE, MIB_2);
    fixture.registers.write32(Offsets.PLMLIMIT, MIB_2);
    fixture.start();
    assertThat(fixture.translated(PLAIN, MIB_2, Request.READ)).isEqualTo(MIB_2);
    fixture.registers.protectMemory(Protection.ON);
    assertThat(completion(fixture.translated(PLAIN, MIB_2, Request.READ)))
        .isEqualTo(Completion.UNSUPPORTED_REQUEST);
    assertThat(fixture.isRecorded()).isFalse();
    fixture.registers.protectMemory(Protection.OFF);
    assertThat(fixture.translated(PLAIN, MIB_2, Request.READ)).isEqualTo(MIB_2);
  }
}
