package dev.portcullis.conformance;

import static dev.portcullis.conformance.ScalableFunction.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.kit.TestMachine;
import dev.portcullis.kit.coverage.Covers;
import dev.portcullis.kit.register.Offsets;
import dev.portcullis.kit.table.Domain;
import dev.portcullis.kit.table.Paging;
import dev.portcullis.pci.PasidPrefix;
import dev.portcullis.unit.request.Request;
import org.junit.jupiter.api.Test;

/// What a page request makes the unit forget before software sees it.
class PageRequestCacheConformanceTest {
  private static final int DID = 3;
  private static final int PASID = 9;
  private static final long IOVA = 0x12_3456_7000L;
  private static final long OTHER = IOVA + 4096;

  private final TestMachine machine = Scalable.machine();
  private final ScalableFunction disk = new ScalableFunction(machine, 0x0190, DID);
  private final long before = machine.page();
  private final long after = machine.page();

  private long translate(int prefix, long iova) {
    return machine.unit().translate(disk.sourceId(), prefix, iova, Request.READ);
  }

  private void ask(int prefix) {
    machine.registers().write64(Offsets.PQA, machine.page());
    machine.unit().requestPage(disk.sourceId(), request(prefix, IOVA, 0));
    assertThat(machine.registers().read64(Offsets.PQT)).as("accepted").isEqualTo(32);
  }

  private Domain secondStage() {
    Domain domain = machine.domain(DID, 4);
    for (int pasid : new int[] {ScalableFunction.OWN_PASID, PASID}) {
      disk.pasid(
          pasid,
          domain.root() | ScalableFunction.SECOND_STAGE | 2 << 2 | ScalableFunction.PRESENT,
          DID,
          0);
    }
    return domain.map(IOVA, before).map(OTHER, before);
  }

  @Test
  @Covers("page request implicit invalidation")
  void thePageOfASecondStageIsForgottenAndOthersAreNot() {
    Domain domain = secondStage();
    assertThat(translate(PasidPrefix.NONE, IOVA)).isEqualTo(before);
    assertThat(translate(PasidPrefix.NONE, OTHER)).isEqualTo(before);
    domain.map(IOVA, after).map(OTHER, after);
    assertThat(translate(PasidPrefix.NONE, IOVA)).as("remembered").isEqualTo(before);
    ask(PasidPrefix.NONE);
    assertThat(translate(PasidPrefix.NONE, IOVA)).isEqualTo(after);
    assertThat(translate(PasidPrefix.NONE, OTHER)).as("not asked for").isEqualTo(before);
  }

  @Test
  @Covers("page request implicit invalidation")
  void thePageOfASecondStageIsForgottenForEveryPasid() {
    Domain domain = secondStage();
    assertThat(translate(PasidPrefix.of(PASID), IOVA)).isEqualTo(before);
    domain.map(IOVA, after);
    ask(PasidPrefix.NONE);
    assertThat(translate(PasidPrefix.of(PASID), IOVA)).isEqualTo(after);
  }

  private FirstStageTables firstStage(int pasid, long type, long secondStage) {
    FirstStageTables tables = new FirstStageTables(machine).map(IOVA, before).map(OTHER, before);
    disk.pasid(pasid, type | secondStage | ScalableFunction.PRESENT, DID, tables.root());
    return tables;
  }

  @Test
  @Covers("page request implicit invalidation")
  void thePageOfAFirstStageIsForgotten() {
    FirstStageTables tables = firstStage(PASID, ScalableFunction.FIRST_STAGE, 0);
    int prefix = PasidPrefix.of(PASID);
    assertThat(translate(prefix, IOVA)).isEqualTo(before);
    assertThat(translate(prefix, OTHER)).isEqualTo(before);
    tables.map(IOVA, after).map(OTHER, after);
    assertThat(translate(prefix, IOVA)).as("remembered").isEqualTo(before);
    ask(prefix);
    assertThat(translate(prefix, IOVA)).isEqualTo(after);
    assertThat(translate(prefix, OTHER)).as("not asked for").isEqualTo(before);
  }

  @Test
  @Covers("page request implicit invalidation")
  void theFirstStageOfAnotherPasidIsNotForgotten() {
    firstStage(PASID, ScalableFunction.FIRST_STAGE, 0);
    FirstStageTables tables = firstStage(PASID + 1, ScalableFunction.FIRST_STAGE, 0);
    assertThat(translate(PasidPrefix.of(PASID + 1), IOVA)).isEqualTo(before);
    tables.map(IOVA, after);
    ask(PasidPrefix.of(PASID));
    assertThat(translate(PasidPrefix.of(PASID + 1), IOVA)).isEqualTo(before);
  }

  @Test
  @Covers("page request implicit invalidation")
  void everyPageOfANestedDomainIsForgotten() {
    Domain second = machine.domain(DID, 4);
    for (long page = 0; page < 4 << 20; page += 2 << 20) {
      second.map(page, page, Paging.RW, 2);
    }
    FirstStageTables tables = firstStage(PASID, ScalableFunction.NESTED | 2 << 2, second.root());
    int prefix = PasidPrefix.of(PASID);
    assertThat(translate(prefix, OTHER)).isEqualTo(before);
    tables.map(OTHER, after);
    assertThat(translate(prefix, OTHER)).as("remembered").isEqualTo(before);
    ask(prefix);
    assertThat(translate(prefix, OTHER)).isEqualTo(after);
  }

  @Test
  @Covers("page request implicit invalidation")
  void whatPassesThroughMayBeAskedForToo() {
    ask(PasidPrefix.NONE);
    assertThat(translate(PasidPrefix.NONE, before)).isEqualTo(before);
  }
}
