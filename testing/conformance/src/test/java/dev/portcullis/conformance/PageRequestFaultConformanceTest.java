package dev.portcullis.conformance;

import static dev.portcullis.conformance.ScalableFunction.notLast;
import static dev.portcullis.conformance.ScalableFunction.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.kit.TestMachine;
import dev.portcullis.kit.coverage.Covers;
import dev.portcullis.kit.fault.FaultRecord;
import dev.portcullis.kit.fault.FaultRecord.Type;
import dev.portcullis.kit.memory.GuestMemory;
import dev.portcullis.kit.queue.Descriptor;
import dev.portcullis.kit.register.Offsets;
import dev.portcullis.pci.PageRequest;
import dev.portcullis.pci.PageResponse;
import dev.portcullis.pci.PasidPrefix;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Page requests that the tables forbid.
class PageRequestFaultConformanceTest {
  private static final long PAGE = 0x1234_5000L;
  private static final long RESERVED = 1 << 11;
  private static final int PASID = 9;

  /// A way to be refused.
  ///
  /// @param prefix of the request
  record Refused(
      String name, int reason, int prefix, BiConsumer<TestMachine, ScalableFunction> breaking) {
    @Override
    public String toString() {
      return "%s: %02Xh".formatted(name, reason);
    }
  }

  private static Refused plain(
      String name, int reason, BiConsumer<TestMachine, ScalableFunction> breaking) {
    return new Refused(name, reason, PasidPrefix.NONE, breaking);
  }

  private static Refused pasid(
      String name, int reason, int pasid, BiConsumer<TestMachine, ScalableFunction> breaking) {
    return new Refused(name, reason, PasidPrefix.of(pasid), breaking);
  }

  private static void mode(TestMachine machine, long mode) {
    machine.registers().setRootTable(machine.rootTable() | mode);
  }

  static Stream<Refused> all() {
    return Stream.concat(beforeThePasid(), ofThePasid());
  }

  private static Stream<Refused> beforeThePasid() {
    return Stream.of(
        plain("no such mode", 0x30, (machine, disk) -> mode(machine, Scalable.RESERVED)),
        plain("legacy mode", 0x32, (machine, disk) -> mode(machine, 0)),
        plain("abort mode", 0x33, (machine, disk) -> mode(machine, Scalable.ABORT)),
        plain(
            "no root table",
            0x38,
            (machine, disk) ->
                machine.registers().setRootTable(GuestMemory.HOLE | Scalable.SCALABLE)),
        plain("no root entry", 0x39, (machine, disk) -> disk.root(0)),
        plain("reserved in the root entry", 0x3a, (machine, disk) -> disk.root(1 | RESERVED)),
        plain("no context table", 0x40, (machine, disk) -> disk.root(GuestMemory.HOLE | 1)),
        plain("no context entry", 0x41, (machine, disk) -> disk.context(0, 1)),
        plain("reserved in the context entry", 0x42, (machine, disk) -> disk.context(1 << 7, 0)),
        plain(
            "page requests without device-TLB",
            0x43,
            (machine, disk) -> disk.context(0, ScalableFunction.DTE)),
        plain("page requests off", 0x47, (machine, disk) -> disk.context(0, ScalableFunction.PRE)),
        pasid(
            "page requests off, with PASID",
            0x47,
            PASID,
            (machine, disk) -> disk.context(0, ScalableFunction.PRE)),
        pasid(
            "PASIDs off", 0x45, PASID, (machine, disk) -> disk.context(0, ScalableFunction.PASIDE)),
        pasid("beyond the directory", 0x46, 1 << 13, (machine, disk) -> {}),
        pasid("its own PASID", 0x48, ScalableFunction.OWN_PASID, (machine, disk) -> {}));
  }

  private static Stream<Refused> ofThePasid() {
    return Stream.of(
        plain(
            "no directory",
            0x50,
            (machine, disk) -> disk.context(GuestMemory.HOLE, GuestMemory.LOW_BYTES - 4096)),
        plain("no directory entry", 0x51, (machine, disk) -> disk.directory(0)),
        pasid("no directory entry of the PASID", 0x51, 64, (machine, disk) -> {}),
        plain(
            "reserved in the directory entry",
            0x52,
            (machine, disk) -> disk.directory(disk.directory() | RESERVED)),
        plain("no table", 0x58, (machine, disk) -> disk.directory(GuestMemory.HOLE | 1)),
        pasid("no table entry", 0x59, PASID, (machine, disk) -> disk.pasid(PASID, 0, 0, 0)),
        pasid(
            "reserved in the table entry",
            0x5a,
            PASID,
            (machine, disk) ->
                disk.pasid(PASID, ScalableFunction.PASS_THROUGH | 1 | RESERVED, 3, 0)),
        pasid(
            "no such translation type",
            0x5b,
            PASID,
            (machine, disk) -> disk.pasid(PASID, 7 << 6 | 1, 3, 0)));
  }

  private final TestMachine machine = Scalable.machine();
  private final ScalableFunction disk = new ScalableFunction(machine, 0x0190, 3);
  private final long ring = machine.page();

  private FaultRecord record(Refused refused) {
    return new FaultRecord(
        refused.reason, disk.sourceId(), PAGE, Type.PAGE_REQUEST, 0, refused.prefix);
  }

  private void ask(PageRequest request) {
    machine.registers().write64(Offsets.PQA, ring);
    machine.unit().requestPage(disk.sourceId(), request);
  }

  @ParameterizedTest
  @MethodSource("all")
  @Covers({
    "page request refused by the tables",
    "fault 30h",
    "fault 32h",
    "fault 33h",
    "fault 38h",
    "fault 39h",
    "fault 3Ah",
    "fault 40h",
    "fault 41h",
    "fault 42h",
    "fault 43h",
    "fault 45h",
    "fault 46h",
    "fault 47h",
    "fault 48h",
    "fault 50h",
    "fault 51h",
    "fault 52h",
    "fault 58h",
    "fault 59h",
    "fault 5Ah",
    "fault 5Bh"
  })
  void theLastOfAGroupIsInvalidAndTheFaultIsRecorded(Refused refused) {
    refused.breaking.accept(machine, disk);
    ask(request(refused.prefix, PAGE, 5));
    assertThat(machine.functions().takeAnswers())
        .containsExactly(new PageResponse(refused.prefix, 5, PageResponse.INVALID_REQUEST));
    assertThat(machine.faults().take()).containsExactly(record(refused));
    assertThat(machine.registers().read64(Offsets.PQT)).isZero();
    assertThat(machine.registers().read32(Offsets.PRS)).isZero();
  }

  @ParameterizedTest
  @MethodSource("all")
  @Covers("page request refused by the tables")
  void anotherOfAGroupIsDroppedAndTheFaultIsRecorded(Refused refused) {
    refused.breaking.accept(machine, disk);
    ask(notLast(request(refused.prefix, PAGE, 5)));
    assertThat(machine.functions().take()).isEmpty();
    assertThat(machine.faults().take()).containsExactly(record(refused));
  }

  @ParameterizedTest
  @MethodSource("all")
  @Covers("page request stop marker")
  void aStopMarkerIsNotAnswered(Refused refused) {
    refused.breaking.accept(machine, disk);
    ask(new PageRequest(refused.prefix, PAGE, 5, false, false, true));
    assertThat(machine.functions().take()).isEmpty();
  }

  @Test
  @Covers("page request refused by the tables")
  void aFaultThatSoftwareDoesNotWantToKnowOfIsNotRecorded() {
    disk.context(ScalableFunction.FAULTS_SILENT, ScalableFunction.PRE);
    ask(request(PasidPrefix.NONE, PAGE, 5));
    assertThat(machine.functions().takeAnswers()).hasSize(1);
    assertThat(machine.faults().isPending()).isFalse();
  }

  @Test
  @Covers("page request overflow")
  void theTablesAreAskedBeforeTheQueue() {
    machine.registers().write64(Offsets.PQA, ring);
    for (int i = 0; i < 128; i++) {
      ask(notLast(request(PasidPrefix.NONE, PAGE, 5)));
    }
    disk.context(0, ScalableFunction.PRE);
    machine.queue().complete(Descriptor.contextGlobal());
    ask(request(PasidPrefix.NONE, PAGE, 5));
    assertThat(machine.functions().takeAnswers())
        .containsExactly(new PageResponse(PasidPrefix.NONE, 5, PageResponse.INVALID_REQUEST));
  }
}
