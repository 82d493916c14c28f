package dev.portcullis.unit;

import static dev.portcullis.unit.TestUnit.DOMAIN;
import static dev.portcullis.unit.TestUnit.READ_WRITE;
import static dev.portcullis.unit.TestUnit.SOURCE;
import static dev.portcullis.unit.TestUnit.WRITE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.pci.Completion;
import dev.portcullis.spec.descriptor.IotlbInvalidate;
import dev.portcullis.spec.table.ContextEntry;
import dev.portcullis.spec.table.SecondStageEntry;
import dev.portcullis.unit.policy.AddressWidth;
import dev.portcullis.unit.request.Request;
import java.util.EnumSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TranslationTest {
  private final TestUnit test =
      new TestUnit(
          UnitConfiguration.builder()
              .addressWidths(EnumSet.allOf(AddressWidth.class))
              .guestAddressBits(57)
              .build());

  private long translate(long iova, Request request) {
    return test.unit.translate(SOURCE, iova, request);
  }

  @Test
  void requestsPassUntranslatedUntilTranslationIsEnabled() {
    assertThat(translate(0x1234, Request.WRITE)).isEqualTo(0x1234);
  }

  @ParameterizedTest
  @CsvSource({
    "3, 1", "3, 2", "3, 3", "4, 1", "4, 2", "4, 3", "5, 1", "5, 2", "5, 3",
  })
  void aPageOfEverySizeIsFoundThroughTablesOfEveryDepth(int levels, int level) {
    long tables = test.attach(levels);
    long iova = 0x7f_c123_4567L;
    long size = 1L << SecondStageEntry.shift(level);
    long hpa = 0x23_4000_0000L;
    test.map(tables, levels, level, iova, hpa | READ_WRITE);
    test.enable();

    long expected = hpa | iova & size - 1;
    assertThat(translate(iova, Request.READ)).isEqualTo(expected);
    assertThat(translate(iova, Request.WRITE)).isEqualTo(expected);
    assertThat(translate(iova ^ 0xfff, Request.ATOMIC)).isEqualTo(expected ^ 0xfff);
    assertThat(translate(iova ^ size - 0x1000, Request.READ)).isEqualTo(expected ^ size - 0x1000);
    assertThat(test.unit.statistics().contextsFetched()).isEqualTo(1);
  }

  @Test
  void aTranslationIsUsedUntilSoftwareInvalidatesIt() {
    long tables = test.attach(4);
    long leaf = test.map(tables, 4, 1, 0x5000, 0x40_0000 | READ_WRITE);
    test.enable();
    test.enableQueue();
    assertThat(translate(0x5000, Request.READ)).isEqualTo(0x40_0000);

    test.store(leaf, 0x50_0000 | READ_WRITE);
    assertThat(translate(0x5000, Request.READ)).as("stale").isEqualTo(0x40_0000);

    test.submit(IotlbInvalidate.pages(DOMAIN, 0x5000, 0));
    assertThat(translate(0x5000, Request.READ)).isEqualTo(0x50_0000);
  }

  @Test
  void aPointerToATableIsUsedUntilSoftwareInvalidatesIt() {
    long tables = test.attach(4);
    test.map(tables, 4, 1, 0x5000, 0x40_0000 | READ_WRITE);
    test.map(tables, 4, 1, 0x6000, 0x41_0000 | READ_WRITE);
    test.enable();
    test.enableQueue();
    translate(0x5000, Request.READ);
    test.store(SecondStageEntry.address(tables, 0, 4), 0);

    assertThat(translate(0x6000, Request.READ)).as("stale").isEqualTo(0x41_0000);

    test.submit(IotlbInvalidate.domain(DOMAIN));
    assertThat(translate(0x6000, Request.READ)).isNegative();
  }

  @Test
  void aZeroLengthReadMayTouchAPageThatOnlyGrantsWrites() {
    long tables = test.attach(4);
    test.map(tables, 4, 1, 0x5000, 0x40_0000 | WRITE);
    test.enable();

    assertThat(translate(0x5000, Request.ZERO_LENGTH_READ)).isEqualTo(0x40_0000);
    assertThat(translate(0x5000, Request.WRITE)).isEqualTo(0x40_0000);
    assertThat(translate(0x5000, Request.READ)).isNegative();
    assertThat(test.faultReason(0)).isEqualTo(0x06);
  }

  @Test
  void aRefusedRequestEndsAsUnsupported() {
    test.attach(4);
    test.enable();

    long blocked = translate(0x5000, Request.WRITE);

    assertThat(RemappingUnit.completionOf(blocked)).isEqualTo(Completion.UNSUPPORTED_REQUEST);
    assertThat(test.faultReason(0)).isEqualTo(0x05);
    assertThat(test.faultLow(0)).isEqualTo(0x5000);
  }

  @Test
  void rightsAreWhatEveryLevelGrants() {
    long tables = test.attach(4);
    test.map(tables, 4, 1, 0x5000, 0x40_0000 | READ_WRITE);
    long top = SecondStageEntry.address(tables, 0x5000, 4);
    test.store(top, test.load(top) & ~WRITE);
    test.enable();

    assertThat(translate(0x5000, Request.READ)).isEqualTo(0x40_0000);
    assertThat(translate(0x5000, Request.WRITE)).isNegative();
    assertThat(translate(0x5000, Request.ATOMIC)).isNegative();
    assertThat(test.faultReason(0)).isEqualTo(0x05);
    assertThat(test.faultReason(1)).isEqualTo(0x05);
  }

  @Test
  void passThroughGivesTheAddressItself() {
    test.context(SOURCE, ContextEntry.present(ContextEntry.TT_PASS_THROUGH, 0, 5, DOMAIN));
    test.enable();

    assertThat(translate(0x1234_5678, Request.WRITE)).isEqualTo(0x1234_5678);
    assertThat(translate(0x1234_5678, Request.WRITE)).isEqualTo(0x1234_5678);
    assertThat(translate(1L << 46, Request.WRITE)).isNegative();
    assertThat(test.faultReason(0)).isEqualTo(0x04);
  }

  @Test
  void aLargePageAroundTheInterruptRangeDoesNotOpenIt() {
    long tables = test.attach(4);
    test.map(tables, 4, 3, 0xc000_0000L, 0xc000_0000L | READ_WRITE);
    test.map(tables, 4, 3, 0x1_0000_0000L, 0xc000_0000L | READ_WRITE);
    test.enable();

    assertThat(translate(0xfed0_0000L, Request.WRITE)).isEqualTo(0xfed0_0000L);
    assertThat(translate(0xfee0_0000L, Request.WRITE)).isNegative();
    assertThat(test.faultReason(0)).isEqualTo(0x29);
    assertThat(translate(0xfee0_0000L, Request.ZERO_LENGTH_READ)).isNotNegative();
    assertThat(translate(0x1_3000_0000L, Request.WRITE)).isEqualTo(0xf000_0000L);
    assertThat(translate(0x1_3ee0_0000L, Request.WRITE)).isNegative();
    assertThat(test.faultReason(1)).isEqualTo(0x0e);
  }

  @ParameterizedTest
  @CsvSource({"3, 0x8000000000", "4, 0x1000000000000", "5, 0x200000000000000", "5, -4096"})
  void anAddressWiderThanTheTablesIsRefused(int levels, String address) {
    test.attach(levels);
    test.enable();

    assertThat(translate(Long.decode(address), Request.READ)).isNegative();
    assertThat(test.faultReason(0)).isEqualTo(0x04);
  }
}
