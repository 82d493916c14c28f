package dev.portcullis.conformance;

import static dev.portcullis.conformance.ScalableFixture.IOVA;
import static dev.portcullis.conformance.ScalableFixture.PLAIN;
import static dev.portcullis.conformance.ScalableFixture.SOURCE;
import static dev.portcullis.conformance.ScalableFixture.WITH_PASID;
import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.kit.coverage.Covers;
import dev.portcullis.unit.request.Request;
import org.junit.jupiter.api.Test;

/// Tables of scalable mode that lead back to themselves: a walk ends where the tables of its mode
/// end, whatever stands in them.
class CyclicTablesConformanceTest {
  private static final int LEVELS = 4;
  private static final long PRESENT = 1;

  /// Present, writable, for users, accessed, dirty: as a second-stage entry, readable and writable.
  private static final long ANYTHING_GOES = 0x67;

  private final ScalableFixture fixture = new ScalableFixture(choices -> choices);

  private void fill(long table, long entry) {
    for (int index = 0; index < 512; index++) {
      fixture.memory.writeLong(table + 8L * index, entry);
    }
  }

  private long entriesFetched() {
    return fixture.machine.unit().statistics().pagingEntriesFetched();
  }

  @Test
  void aFirstStageTableOfItsOwnIsTheMappedPageInTheEnd() {
    fixture.firstStage();
    fill(fixture.first.root, fixture.first.root | ANYTHING_GOES);
    fixture.start();
    assertThat(fixture.untranslated(WITH_PASID, IOVA | 0x123, Request.READ))
        .isEqualTo(fixture.first.root | 0x123);
    assertThat(entriesFetched()).isEqualTo(LEVELS);
  }

  @Test
  void aSecondStageTableOfItsOwnIsTheMappedPageInTheEnd() {
    fixture.secondStage();
    fill(fixture.second.root, fixture.second.root | 3);
    fixture.start();
    assertThat(fixture.untranslated(PLAIN, IOVA | 0x123, Request.WRITE))
        .isEqualTo(fixture.second.root | 0x123);
    assertThat(entriesFetched()).isEqualTo(LEVELS);
  }

  @Test
  void nestedTablesOfOneAnotherEndAfterAllWalksOfTheirLevels() {
    fixture.nested();
    long both = fixture.second.root;
    fill(both, both | ANYTHING_GOES);
    fixture.start();
    // Each guest address is the one table, which is a first-stage table, too.
    assertThat(fixture.untranslated(WITH_PASID, IOVA | 0x123, Request.READ))
        .isEqualTo(both | 0x123);
    assertThat(entriesFetched()).isBetween(2L * LEVELS, (LEVELS + 1L) * (LEVELS + 1) - 1);
  }

  @Test
  @Covers("fault 5Ah")
  void aPasidDirectoryThatIsItsOwnTableIsTakenForThat() {
    fill(fixture.directory, fixture.directory | PRESENT);
    fixture.start();
    assertThat(fixture.untranslated(WITH_PASID, Request.READ)).isNegative();
    assertThat(fixture.reason()).isEqualTo(0x5a);
  }

  @Test
  @Covers("fault 42h")
  void aRootTableThatIsItsOwnContextTableIsTakenForThat() {
    fill(fixture.machine.rootTable(), fixture.machine.rootTable() | PRESENT);
    fixture.start();
    assertThat(fixture.untranslated(PLAIN, Request.READ)).isNegative();
    assertThat(fixture.reason()).isEqualTo(0x42);
  }

  @Test
  void aPasidTableAmongItsOwnPagesIsWrittenLikeAnyOtherMemory() {
    long entries = fixture.entry(WITH_PASID, 0);
    fixture.first.map(IOVA, entries & -4096L, ANYTHING_GOES);
    fixture.start();
    long hpa = fixture.untranslated(WITH_PASID, IOVA | entries & 0xfff, Request.WRITE);
    assertThat(hpa).isEqualTo(entries);
    fixture.memory.writeLong(hpa, 0);
    assertThat(fixture.untranslated(WITH_PASID, IOVA | 8, Request.WRITE))
        .as("cached, until software says otherwise")
        .isEqualTo(entries & -4096L | 8);
    fixture.machine.unit().reset();
    fixture.start();
    assertThat(fixture.untranslated(WITH_PASID, IOVA, Request.WRITE)).isNegative();
    assertThat(fixture.reason()).isEqualTo(0x59);
    assertThat(fixture.record()[1] & 0xffff).isEqualTo(SOURCE);
  }
}
