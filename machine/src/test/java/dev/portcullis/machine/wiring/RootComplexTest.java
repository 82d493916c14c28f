package dev.portcullis.machine.wiring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.portcullis.memory.MappedRegion;
import dev.portcullis.memory.MemoryMap;
import dev.portcullis.memory.MemoryRegion.Access;
import dev.portcullis.pci.AddressType;
import dev.portcullis.pci.AtomicOperation;
import dev.portcullis.pci.AtsEntry;
import dev.portcullis.pci.Completion;
import dev.portcullis.pci.InvalidateRequest;
import dev.portcullis.pci.PageResponse;
import dev.portcullis.pci.PasidPrefix;
import dev.portcullis.pci.PciFunction;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.pci.TranslationRequest;
import dev.portcullis.pci.UpstreamPort;
import dev.portcullis.spec.fault.FaultReason;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.unit.RemappingUnit;
import dev.portcullis.unit.UnitConfiguration;
import dev.portcullis.unit.request.Request;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// The unit's translation is off here: addresses are physical, and what is tested is the way.
class RootComplexTest {
  private static final RequesterId DISK = new RequesterId(0, 5, 0);
  private static final long BASE = 0x10_0000;
  private static final int BYTES = 1 << 20;

  private final Arena arena = Arena.ofAuto();
  private final MemorySegment ram = arena.allocate(BYTES, 4096);
  private final MemorySegment device = arena.allocate(2 * BYTES, 4096);
  private final MemoryMap memory = new MemoryMap();
  private final List<String> interrupts = new ArrayList<>();
  private final RemappingUnit unit =
      new RemappingUnit(UnitConfiguration.builder().build(), memory, (address, data) -> {});
  private final UpstreamPort port;

  RootComplexTest() {
    memory.add(new MappedRegion(BASE, ram, Access.READ_WRITE));
    RootComplex complex = new RootComplex();
    complex.cover(DISK, unit);
    port =
        complex.portOf(
            DISK, memory, (address, data) -> interrupts.add("%x:%x".formatted(address, data)));
  }

  @Test
  void movesDataOfAnyLengthAndAlignment() {
    for (int i = 0; i < BYTES; i += 8) {
      ram.set(ValueLayout.JAVA_LONG, i, i * 0x9e3779b97f4a7c15L);
    }

    assertThat(port.read(BASE + 4093, device, 5, 700_001)).isEqualTo(Completion.SUCCESS);
    assertThat(device.asSlice(5, 700_001).mismatch(ram.asSlice(4093, 700_001))).isEqualTo(-1);
    assertThat(port.write(BASE + 1, device, 5, 300_000)).isEqualTo(Completion.SUCCESS);
    assertThat(ram.asSlice(1, 300_000).mismatch(device.asSlice(5, 300_000))).isEqualTo(-1);
  }

  @Test
  void countsOneRequestForEachPageTouched() {
    long before = unit.inFlight().entered();
    port.read(BASE + 4095, device, 0, 2);
    port.write(BASE, device, 0, 4096);
    port.zeroLengthRead(BASE);
    port.read(BASE + 1, device, 0, 600_000);

    assertThat(unit.inFlight().entered() - before).isEqualTo(2 + 1 + 1 + 149);
    assertThat(unit.inFlight().underWay()).isZero();
  }

  @Test
  void aRequestThatRunsOutOfMemoryHasMovedThePagesBefore() {
    device.fill((byte) 7);

    assertThat(port.write(BASE + BYTES - 4096, device, 0, 8192))
        .isEqualTo(Completion.UNSUPPORTED_REQUEST);
    assertThat(ram.get(ValueLayout.JAVA_BYTE, BYTES - 1)).isEqualTo((byte) 7);
    assertThat(port.read(0, device, 0, 1)).isEqualTo(Completion.UNSUPPORTED_REQUEST);
    assertThat(unit.inFlight().underWay()).isZero();
  }

  @Test
  void aDoublewordWrittenToTheInterruptRangeIsAnInterrupt() {
    device.set(ValueLayout.JAVA_INT, 8, 0x31);
    port.write(0xfee0_0000L, device, 8, 4);
    port.message(0xfeef_f000L, 0x32);

    assertThat(interrupts).containsExactly("fee00000:31", "feeff000:32");
  }

  @Test
  void aMessageElsewhereIsAWriteToMemory() {
    assertThat(port.message(BASE + 64, 0x1234)).isEqualTo(Completion.SUCCESS);
    assertThat(ram.get(ValueLayout.JAVA_INT, 64)).isEqualTo(0x1234);
    assertThat(port.message(0, 1)).isEqualTo(Completion.UNSUPPORTED_REQUEST);
    assertThat(interrupts).isEmpty();
  }

  @Test
  void fourBytesAcrossTwoDoublewordsAreNoInterrupt() {
    assertThat(port.write(0xfee0_1002L, device, 0, 4)).isEqualTo(Completion.UNSUPPORTED_REQUEST);
    assertThat(interrupts).isEmpty();
  }

  @Test
  void anInterruptThatTheUnitRefusesIsNoted() {
    RemappingUnit strict =
        new RemappingUnit(
            UnitConfiguration.builder()
                .with(Feature.INTERRUPT_REMAPPING, Feature.INTERRUPT_REMAPPING_REQUIRED)
                .build(),
            memory,
            (address, data) -> {});
    RootComplex complex = new RootComplex();
    complex.cover(DISK, strict);
    UpstreamPort blocked = complex.portOf(DISK, memory, (address, data) -> interrupts.add("out"));

    assertThat(blocked.message(0xfee0_1000L, 0x31)).isEqualTo(Completion.UNSUPPORTED_REQUEST);
    assertThat(interrupts).isEmpty();
    assertThat(complex.blocked().newest())
        .containsExactly(
            new BlockedRequest(
                DISK, 0xfee0_1000L, Request.WRITE, Optional.of(FaultReason.REMAPPING_REQUIRED)));
  }

  @Test
  void aRequesterHasOneUnit() {
    RootComplex complex = new RootComplex();
    complex.cover(DISK, unit);

    assertThatIllegalArgumentException().isThrownBy(() -> complex.cover(DISK, unit));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> complex.portOf(new RequesterId(0, 6, 0), memory, (a, d) -> {}))
        .withMessage("no unit covers 00:06.0");
  }

  @Test
  void atomicOperationsChangeTheirWordAlone() {
    ram.set(ValueLayout.JAVA_LONG, 64, 0x1111_2222_ffff_ffffL);
    AtomicOperation add = AtomicOperation.fetchAdd(4, 1);
    assertThat(atomic(BASE + 64, add)).isEqualTo(Completion.SUCCESS);
    assertThat(add.previous()).isEqualTo(0xffff_ffffL);
    assertThat(ram.get(ValueLayout.JAVA_LONG, 64)).isEqualTo(0x1111_2222_0000_0000L);
    AtomicOperation swap = AtomicOperation.swap(4, 7);
    assertThat(atomic(BASE + 68, swap)).isEqualTo(Completion.SUCCESS);
    assertThat(swap.previous()).isEqualTo(0x1111_2222);
    assertThat(ram.get(ValueLayout.JAVA_LONG, 64)).isEqualTo(0x7_0000_0000L);
    AtomicOperation missed = AtomicOperation.compareSwap(8, 1, 2);
    assertThat(atomic(BASE + 64, missed)).isEqualTo(Completion.SUCCESS);
    assertThat(missed.previous()).isEqualTo(0x7_0000_0000L);
    assertThat(ram.get(ValueLayout.JAVA_LONG, 64)).isEqualTo(0x7_0000_0000L);
    assertThat(atomic(BASE + 64, AtomicOperation.compareSwap(8, 0x7_0000_0000L, 2)).isSuccess())
        .isTrue();
    assertThat(ram.get(ValueLayout.JAVA_LONG, 64)).isEqualTo(2);
    assertThat(unit.inFlight().underWay()).isZero();
  }

  @Test
  void atomicOperationsNeedAlignmentAndMemory() {
    assertThat(atomic(BASE + 4, AtomicOperation.swap(8, 1)).isSuccess()).isFalse();
    assertThat(atomic(BASE + 2, AtomicOperation.swap(4, 1)).isSuccess()).isFalse();
    assertThat(atomic(0, AtomicOperation.swap(8, 1))).isEqualTo(Completion.UNSUPPORTED_REQUEST);
    memory.add(new MappedRegion(0, arena.allocate(4096, 16), Access.READ_ONLY));
    assertThat(atomic(0, AtomicOperation.swap(8, 1))).isEqualTo(Completion.COMPLETER_ABORT);
  }

  @Test
  void atomicOperationsOfTwoThreadsAddUp() throws Exception {
    Thread other =
        Thread.ofPlatform()
            .start(() -> {
              for (int i = 0; i < 10_000; i++) {
                atomic(BASE, AtomicOperation.fetchAdd(8, 1));
              }
            });
    for (int i = 0; i < 10_000; i++) {
      atomic(BASE, AtomicOperation.fetchAdd(8, 1));
    }
    other.join();
    assertThat(ram.get(ValueLayout.JAVA_LONG, 0)).isEqualTo(20_000);
  }

  private Completion atomic(long address, AtomicOperation operation) {
    return port.atomic(AddressType.UNTRANSLATED, PasidPrefix.NONE, address, operation);
  }

  @Test
  void aPasidIsIgnoredWhileNothingIsTranslated() {
    device.fill((byte) 9);
    assertThat(port.write(AddressType.UNTRANSLATED, PasidPrefix.NONE, BASE, device, 0, 8))
        .isEqualTo(Completion.SUCCESS);
    assertThat(ram.get(ValueLayout.JAVA_LONG, 0)).isEqualTo(0x0909_0909_0909_0909L);
  }

  @Test
  void reservedAddressTypesAndMalformedRequestsReachNobody() {
    long before = unit.inFlight().underWay();
    assertThat(port.read(AddressType.RESERVED, 0, BASE, device, 0, 8))
        .isEqualTo(Completion.UNSUPPORTED_REQUEST);
    assertThat(port.write(AddressType.TRANSLATION_REQUEST, 0, BASE, device, 0, 8))
        .isEqualTo(Completion.UNSUPPORTED_REQUEST);
    assertThat(port.zeroLengthRead(AddressType.TRANSLATION_REQUEST, 0, BASE))
        .isEqualTo(Completion.UNSUPPORTED_REQUEST);
    assertThat(port.requestTranslation(new TranslationRequest(0, BASE, false, 3, 0xff)))
        .isEqualTo(AtsEntry.refused(Completion.UNSUPPORTED_REQUEST));
    assertThat(port.requestTranslation(TranslationRequest.of(0, BASE)))
        .isEqualTo(AtsEntry.refused(Completion.UNSUPPORTED_REQUEST));
    assertThat(unit.inFlight().underWay()).isEqualTo(before);
  }

  @Test
  void onlyAPlainWriteIsAnInterrupt() {
    device.set(ValueLayout.JAVA_INT, 8, 0x31);
    port.write(AddressType.UNTRANSLATED, PasidPrefix.of(1), 0xfee0_0000L, device, 8, 4);
    port.write(AddressType.TRANSLATED, PasidPrefix.NONE, 0xfee0_0000L, device, 8, 4);
    assertThat(interrupts).isEmpty();
    port.write(AddressType.UNTRANSLATED, PasidPrefix.NONE, 0xfee0_0000L, device, 8, 4);
    assertThat(interrupts).containsExactly("fee00000:31");
  }

  @Test
  void whatUnitsSayReachesItsFunction() {
    RootComplex complex = new RootComplex();
    List<Object> heard = new ArrayList<>();
    complex.plug(
        DISK,
        new PciFunction(List.of()) {
          @Override
          public long readBar(int bar, long offset, int widthBytes) {
            return 0;
          }

          @Override
          public void writeBar(int bar, long offset, int widthBytes, long value) {}

          @Override
          public boolean invalidate(InvalidateRequest request) {
            return heard.add(request);
          }

          @Override
          public void respond(PageResponse response) {
            heard.add(response);
          }
        });
    InvalidateRequest forget = new InvalidateRequest(3, 0, 0x1000, false);
    PageResponse answer = new PageResponse(0, 1, PageResponse.SUCCESS);

    assertThat(complex.invalidate(DISK.id(), forget)).isTrue();
    complex.respond(DISK.id(), answer);
    assertThat(complex.invalidate(DISK.id() + 1, forget)).isFalse();
    complex.respond(DISK.id() + 1, answer);
    assertThat(heard).containsExactly(forget, answer);
  }
}
