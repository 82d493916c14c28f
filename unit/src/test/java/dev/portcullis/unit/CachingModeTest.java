package dev.portcullis.unit;

import static dev.portcullis.unit.TestUnit.DOMAIN;
import static dev.portcullis.unit.TestUnit.READ;
import static dev.portcullis.unit.TestUnit.READ_WRITE;
import static dev.portcullis.unit.TestUnit.SOURCE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.spec.descriptor.ContextCacheInvalidate;
import dev.portcullis.spec.descriptor.IotlbInvalidate;
import dev.portcullis.spec.table.ContextEntry;
import dev.portcullis.unit.request.Request;
import org.junit.jupiter.api.Test;

class CachingModeTest {
  private final TestUnit caching =
      new TestUnit(UnitConfiguration.Preset.CACHING_MODE.builder().build());
  private final TestUnit plain = TestUnit.legacy();

  @Test
  void anAbsentContextIsRememberedInDomainZero() {
    caching.root(SOURCE, TestUnit.CONTEXTS);
    caching.enable();
    caching.enableQueue();
    assertThat(caching.unit.translate(SOURCE, 0x9000, Request.READ)).isNegative();
    caching.context(SOURCE, ContextEntry.present(2, 0, 4, DOMAIN));

    assertThat(caching.unit.translate(SOURCE, 0x9000, Request.READ)).as("stale").isNegative();
    caching.submit(ContextCacheInvalidate.device(DOMAIN, SOURCE));
    assertThat(caching.unit.translate(SOURCE, 0x9000, Request.READ)).as("stale").isNegative();
    caching.submit(ContextCacheInvalidate.device(0, SOURCE));
    assertThat(caching.unit.translate(SOURCE, 0x9000, Request.READ)).isEqualTo(0x9000);
  }

  @Test
  void anAbsentPageIsRememberedInItsDomain() {
    long tables = caching.attach(4);
    caching.enable();
    caching.enableQueue();
    assertThat(caching.unit.translate(SOURCE, 0x5000, Request.WRITE)).isNegative();
    caching.map(tables, 4, 1, 0x5000, 0x40_0000 | READ_WRITE);

    assertThat(caching.unit.translate(SOURCE, 0x5000, Request.READ)).as("stale").isNegative();
    assertThat(caching.faultReason(1)).isEqualTo(6);
    caching.submit(IotlbInvalidate.pages(DOMAIN, 0x5000, 0));
    assertThat(caching.unit.translate(SOURCE, 0x5000, Request.READ)).isEqualTo(0x40_0000);
  }

  @Test
  void aBrokenEntryIsRememberedWithItsReason() {
    long tables = caching.attach(4);
    long leaf = caching.map(tables, 4, 1, 0x5000, 0x40_0000 | READ_WRITE | 1L << 51);
    caching.enable();
    assertThat(caching.unit.translate(SOURCE, 0x5000, Request.READ)).isNegative();
    caching.store(leaf, 0x40_0000 | READ_WRITE);
    assertThat(caching.unit.translate(SOURCE, 0x5000, Request.READ)).isNegative();
    assertThat(caching.faultReason(1)).isEqualTo(0x0c);
  }

  @Test
  void withoutCachingModeWhatIsAddedIsSeenAtOnce() {
    plain.root(SOURCE, TestUnit.CONTEXTS);
    plain.enable();
    assertThat(plain.unit.translate(SOURCE, 0x5000, Request.READ)).isNegative();
    long tables = plain.attach(4);
    assertThat(plain.unit.translate(SOURCE, 0x5000, Request.READ)).isNegative();
    plain.map(tables, 4, 1, 0x5000, 0x40_0000 | READ);
    assertThat(plain.unit.translate(SOURCE, 0x5000, Request.READ)).isEqualTo(0x40_0000);
  }
}
