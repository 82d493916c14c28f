package dev.portcullis.machine.wiring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.portcullis.memory.MappedRegion;
import dev.portcullis.memory.MemoryMap;
import dev.portcullis.memory.MemoryRegion.Access;
import dev.portcullis.pci.Completion;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.pci.UpstreamPort;
import dev.portcullis.unit.RemappingUnit;
import dev.portcullis.unit.UnitConfiguration;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
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
  void aRequesterHasOneUnit() {
    RootComplex complex = new RootComplex();
    complex.cover(DISK, unit);

    assertThatIllegalArgumentException().isThrownBy(() -> complex.cover(DISK, unit));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> complex.portOf(new RequesterId(0, 6, 0), memory, (a, d) -> {}))
        .withMessage("no unit covers 00:06.0");
  }
}
