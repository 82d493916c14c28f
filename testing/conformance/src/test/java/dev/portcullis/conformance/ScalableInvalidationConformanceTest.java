package dev.portcullis.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.kit.Await;
import dev.portcullis.kit.TestMachine;
import dev.portcullis.kit.coverage.Covers;
import dev.portcullis.kit.queue.Descriptor;
import dev.portcullis.kit.queue.Descriptor.Hint;
import dev.portcullis.kit.table.Domain;
import dev.portcullis.kit.table.Paging;
import dev.portcullis.pci.PasidPrefix;
import dev.portcullis.unit.request.Request;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What each descriptor makes the unit forget in scalable mode, and what it does not.
class ScalableInvalidationConformanceTest {
  private static final int DID = 3;
  private static final int PASID = 9;
  private static final int DISK = 0x0190;
  private static final long IOVA = 0x12_3456_7000L;
  private static final long OTHER = IOVA + 4096;

  private final TestMachine machine = Scalable.machine();
  private final ScalableFunction disk = new ScalableFunction(machine, DISK, DID);
  private final long before = machine.page();
  private final long after = machine.page();

  private long translate(long iova) {
    return machine.unit().translate(DISK, PasidPrefix.of(PASID), iova, Request.READ);
  }

  private void invalidate(Descriptor descriptor) {
    machine.queue().complete(descriptor);
  }

  // Contexts.

  private boolean contextIsForgottenBy(Descriptor descriptor) {
    assertThat(translate(before)).isEqualTo(before);
    disk.context(0, ScalableFunction.PRESENT);
    assertThat(translate(before)).as("remembered").isEqualTo(before);
    invalidate(descriptor);
    boolean forgotten = translate(before) < 0;
    disk.context(ScalableFunction.PRESENT, 0);
    return forgotten;
  }

  static Stream<Descriptor> forgettingContexts() {
    return Stream.of(
        Descriptor.contextGlobal(),
        Descriptor.contextDomain(DID),
        Descriptor.contextDomain(0xabc),
        Descriptor.contextDevice(DID, DISK, 0),
        Descriptor.contextDevice(0xabc, DISK, 0),
        Descriptor.contextDevice(0, DISK ^ 4, 1),
        Descriptor.contextDevice(0, DISK ^ 7, 3));
  }

  @ParameterizedTest
  @MethodSource("forgettingContexts")
  @Covers("descriptor 1h")
  void aContextIsForgottenWhateverTheDomain(Descriptor descriptor) {
    assertThat(contextIsForgottenBy(descriptor)).isTrue();
  }

  static Stream<Descriptor> keepingContexts() {
    return Stream.of(
        Descriptor.contextDevice(DID, DISK ^ 1, 0),
        Descriptor.contextDevice(DID, DISK ^ 2, 1),
        Descriptor.contextDevice(DID, DISK ^ 8, 3),
        Descriptor.contextDevice(DID, DISK ^ 0x100, 3),
        Descriptor.pasidsGlobal(),
        Descriptor.iotlbGlobal(),
        Descriptor.pasidIotlb(DID, PASID));
  }

  @ParameterizedTest
  @MethodSource("keepingContexts")
  @Covers("descriptor 1h")
  void aContextOfAnotherDeviceIsNotForgotten(Descriptor descriptor) {
    assertThat(contextIsForgottenBy(descriptor)).isFalse();
  }

  // PASIDs.

  private boolean pasidIsForgottenBy(Descriptor descriptor) {
    assertThat(translate(before)).isEqualTo(before);
    disk.pasid(PASID, 0, DID, 0);
    assertThat(translate(before)).as("remembered").isEqualTo(before);
    invalidate(descriptor);
    return translate(before) < 0;
  }

  static Stream<Descriptor> forgettingPasids() {
    return Stream.of(
        Descriptor.pasidsGlobal(), Descriptor.pasidsDomain(DID), Descriptor.pasid(DID, PASID));
  }

  @ParameterizedTest
  @MethodSource("forgettingPasids")
  @Covers("descriptor 7h")
  void aPasidIsForgotten(Descriptor descriptor) {
    assertThat(pasidIsForgottenBy(descriptor)).isTrue();
  }

  static Stream<Descriptor> keepingPasids() {
    return Stream.of(
        Descriptor.pasidsDomain(DID + 1),
        Descriptor.pasid(DID + 1, PASID),
        Descriptor.pasid(DID, PASID + 1),
        Descriptor.iotlbDomain(DID),
        Descriptor.permissionsGlobal());
  }

  @ParameterizedTest
  @MethodSource("keepingPasids")
  @Covers("descriptor 7h")
  void anotherPasidIsNotForgotten(Descriptor descriptor) {
    assertThat(pasidIsForgottenBy(descriptor)).isFalse();
  }

  // First-stage translations.

  private FirstStageTables firstStage() {
    FirstStageTables tables = new FirstStageTables(machine).map(IOVA, before).map(OTHER, before);
    disk.pasid(PASID, ScalableFunction.FIRST_STAGE | ScalableFunction.PRESENT, DID, tables.root());
    return tables;
  }

  private boolean firstStageIsForgottenBy(Descriptor descriptor) {
    FirstStageTables tables = firstStage();
    assertThat(translate(IOVA)).isEqualTo(before);
    tables.map(IOVA, after);
    assertThat(translate(IOVA)).as("remembered").isEqualTo(before);
    invalidate(descriptor);
    return translate(IOVA) == after;
  }

  static Stream<Descriptor> forgettingFirstStages() {
    return Stream.of(
        Descriptor.pasidIotlb(DID, PASID),
        Descriptor.pasidIotlbPages(DID, PASID, IOVA, 0, Hint.LEAF_ONLY),
        Descriptor.pasidIotlbPages(DID, PASID, IOVA, 0, Hint.ANY_ENTRY),
        Descriptor.pasidIotlbPages(DID, PASID, IOVA ^ 0x3_f000, 6, Hint.LEAF_ONLY),
        Descriptor.pasidIotlbPages(DID, PASID, 0, 63, Hint.LEAF_ONLY),
        Descriptor.iotlbGlobal(),
        Descriptor.iotlbDomain(DID),
        Descriptor.iotlbPages(DID, 0x5000, 0, Hint.LEAF_ONLY));
  }

  @ParameterizedTest
  @MethodSource("forgettingFirstStages")
  @Covers({"descriptor 6h", "descriptor 2h"})
  void aPageOfAFirstStageIsForgotten(Descriptor descriptor) {
    assertThat(firstStageIsForgottenBy(descriptor)).isTrue();
  }

  static Stream<Descriptor> keepingFirstStages() {
    return Stream.of(
        Descriptor.pasidIotlb(DID, PASID + 1),
        Descriptor.pasidIotlb(DID + 1, PASID),
        Descriptor.pasidIotlbPages(DID, PASID, OTHER, 0, Hint.ANY_ENTRY),
        Descriptor.pasidIotlbPages(DID, PASID + 1, IOVA, 0, Hint.ANY_ENTRY),
        Descriptor.pasidIotlbPages(DID + 1, PASID, IOVA, 0, Hint.ANY_ENTRY),
        Descriptor.iotlbDomain(DID + 1),
        Descriptor.pasidsGlobal(),
        Descriptor.permissionsGlobal());
  }

  @ParameterizedTest
  @MethodSource("keepingFirstStages")
  @Covers({"descriptor 6h", "descriptor 2h"})
  void anotherPageOfAFirstStageIsNotForgotten(Descriptor descriptor) {
    assertThat(firstStageIsForgottenBy(descriptor)).isFalse();
  }

  @Test
  @Covers("descriptor 6h")
  void softwareThatChangedPointersToTablesSaysSo() {
    FirstStageTables tables = firstStage();
    assertThat(translate(IOVA)).isEqualTo(before);
    long table = machine.page();
    machine.memory().writeLong(table + (IOVA >>> 12 & 511) * 8, after | FirstStageTables.USABLE);
    machine.memory().writeLong(tables.address(IOVA, 2), table | FirstStageTables.USABLE);
    invalidate(Descriptor.pasidIotlbPages(DID, PASID, IOVA, 0, Hint.LEAF_ONLY));
    assertThat(translate(IOVA)).as("the pointer is remembered").isEqualTo(before);
    invalidate(Descriptor.pasidIotlbPages(DID, PASID, IOVA, 0, Hint.ANY_ENTRY));
    assertThat(translate(IOVA)).isEqualTo(after);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4, 9})
  @Covers("descriptor 6h")
  void aRangeIsAlignedToItsSize(int addressMask) {
    FirstStageTables tables = firstStage();
    long last = (IOVA | (4096L << addressMask) - 1) & -4096L;
    tables.map(last, before).map(last + 4096, before);
    assertThat(translate(last)).isEqualTo(before);
    assertThat(translate(last + 4096)).isEqualTo(before);
    tables.map(last, after).map(last + 4096, after);
    invalidate(Descriptor.pasidIotlbPages(DID, PASID, IOVA, addressMask, Hint.LEAF_ONLY));
    assertThat(translate(last)).isEqualTo(after);
    assertThat(translate(last + 4096)).isEqualTo(before);
  }

  // Second-stage and nested translations.

  @Test
  @Covers({"descriptor 2h", "descriptor 6h"})
  void aPageOfASecondStageIsForgottenByItsDomainAlone() {
    Domain domain = machine.domain(DID, 4).map(IOVA, before);
    disk.pasid(
        PASID,
        domain.root() | ScalableFunction.SECOND_STAGE | 2 << 2 | ScalableFunction.PRESENT,
        DID,
        0);
    assertThat(translate(IOVA)).isEqualTo(before);
    domain.map(IOVA, after);
    invalidate(Descriptor.pasidIotlbPages(DID, PASID, IOVA, 0, Hint.ANY_ENTRY));
    assertThat(translate(IOVA)).as("pages of a PASID are of first stages").isEqualTo(before);
    invalidate(Descriptor.iotlbPages(DID, OTHER, 0, Hint.ANY_ENTRY));
    assertThat(translate(IOVA)).as("another page").isEqualTo(before);
    invalidate(Descriptor.iotlbPages(DID, IOVA, 0, Hint.ANY_ENTRY));
    assertThat(translate(IOVA)).isEqualTo(after);
  }

  @Test
  @Covers("descriptor 6h")
  void aSecondStageIsForgottenByItsPasid() {
    Domain domain = machine.domain(DID, 4).map(IOVA, before);
    disk.pasid(
        PASID,
        domain.root() | ScalableFunction.SECOND_STAGE | 2 << 2 | ScalableFunction.PRESENT,
        DID,
        0);
    assertThat(translate(IOVA)).isEqualTo(before);
    domain.map(IOVA, after);
    invalidate(Descriptor.pasidIotlb(DID, PASID));
    assertThat(translate(IOVA)).isEqualTo(after);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @Covers({"descriptor 2h", "descriptor 6h"})
  void aNestedPageIsForgottenByEitherStage(boolean second) {
    Domain domain = machine.domain(DID, 4);
    for (long page = 0; page < 4 << 20; page += 2 << 20) {
      domain.map(page, page, Paging.RW, 2);
    }
    long high = 1L << 32;
    domain.map(high, before);
    FirstStageTables tables = new FirstStageTables(machine).map(IOVA, second ? high : before);
    disk.pasid(
        PASID,
        domain.root() | ScalableFunction.NESTED | 2 << 2 | ScalableFunction.PRESENT,
        DID,
        tables.root());
    assertThat(translate(IOVA)).isEqualTo(before);
    if (second) {
      domain.map(high, after);
      assertThat(translate(IOVA)).isEqualTo(before);
      invalidate(Descriptor.iotlbPages(DID, high, 0, Hint.LEAF_ONLY));
    } else {
      tables.map(IOVA, after);
      assertThat(translate(IOVA)).isEqualTo(before);
      invalidate(Descriptor.pasidIotlbPages(DID, PASID, IOVA, 0, Hint.LEAF_ONLY));
    }
    assertThat(translate(IOVA)).isEqualTo(after);
  }

  // Host permissions.

  /// A permission table that lets everything of `hpa` pass; returns where its last entry is.
  private long permissions(long hpa) {
    long table = machine.page();
    disk.permissions(ScalableFunction.OWN_PASID, DID, table);
    for (int shift : new int[] {41, 33, 25}) {
      long next = machine.page();
      machine.memory().writeLong(table + (hpa >>> shift & 255) * 16 + 8, next | 1);
      table = next;
    }
    long entry = table + (hpa >>> 17 & 255) * 16;
    machine.memory().writeLong(entry, -1L >>> 2 & 0x3333_3333_3333_3333L);
    machine.memory().writeLong(entry + 8, 0x3333_3333_3333_3333L);
    return entry;
  }

  private long access(long hpa) {
    return machine.unit().checkTranslated(DISK, PasidPrefix.NONE, hpa, Request.WRITE);
  }

  private boolean permissionIsForgottenBy(Descriptor descriptor) {
    long entry = permissions(before);
    assertThat(access(before)).isEqualTo(before);
    machine.memory().writeLong(entry, 0x1111_1111_1111_1111L);
    machine.memory().writeLong(entry + 8, 0x1111_1111_1111_1111L);
    assertThat(access(before)).as("remembered").isEqualTo(before);
    invalidate(descriptor);
    return access(before) < 0;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5})
  @Covers("descriptor Ah")
  void aPermissionIsForgotten(int which) {
    assertThat(
            permissionIsForgottenBy(
                switch (which) {
                  case 0 -> Descriptor.permissionsGlobal();
                  case 1 -> Descriptor.permissionsDomain(DID, 1);
                  case 2 -> Descriptor.permissionsDomain(DID, 4);
                  case 3 -> Descriptor.permissionPages(DID, before, 0, 1);
                  case 4 -> Descriptor.permissionPages(DID, before ^ 0x7000, 3, 2);
                  default -> Descriptor.permissionPages(DID, 0, 63, 4);
                }))
        .isTrue();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4})
  @Covers("descriptor Ah")
  void aPermissionOfAnotherPageOrDomainIsNotForgotten(int which) {
    assertThat(
            permissionIsForgottenBy(
                switch (which) {
                  case 0 -> Descriptor.permissionsDomain(DID + 1, 4);
                  case 1 -> Descriptor.permissionPages(DID + 1, before, 0, 4);
                  case 2 -> Descriptor.permissionPages(DID, before + (1L << 40), 0, 4);
                  case 3 -> Descriptor.iotlbGlobal();
                  default -> Descriptor.pasidsGlobal();
                }))
        .isFalse();
  }

  // Draining.

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @Covers("descriptor 6h")
  void aRequestUnderWayHoldsTheWaitAfterAPasidsTranslationsBack(boolean pages) {
    long status = machine.page();
    int ticket = machine.unit().inFlight().enter(1);
    CompletableFuture<Void> software =
        CompletableFuture.runAsync(
            () ->
                machine
                    .queue()
                    .submit(
                        pages
                            ? Descriptor.pasidIotlbPages(DID, PASID, 0, 0, Hint.LEAF_ONLY)
                            : Descriptor.pasidIotlb(DID, PASID),
                        Descriptor.waitStatus(status, 1)),
            task -> Thread.ofPlatform().daemon().start(task));
    Await.never("status", 30, () -> machine.memory().readInt(status) != 0);
    machine.unit().inFlight().exit(ticket, 1);
    Await.until("software", software::isDone);
    assertThat(machine.memory().readInt(status)).isEqualTo(1);
  }
}
