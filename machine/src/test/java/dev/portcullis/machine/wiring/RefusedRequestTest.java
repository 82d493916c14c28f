package dev.portcullis.machine.wiring;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.portcullis.memory.MappedRegion;
import dev.portcullis.memory.MemoryMap;
import dev.portcullis.memory.MemoryRegion.Access;
import dev.portcullis.pci.Completion;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.pci.UpstreamPort;
import dev.portcullis.spec.fault.FaultReason;
import dev.portcullis.unit.RemappingUnit;
import dev.portcullis.unit.UnitConfiguration;
import dev.portcullis.unit.request.Request;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What becomes of requests that the unit refuses, one after the other.
class RefusedRequestTest {
  private static final RequesterId DEVICE = new RequesterId(0, 5, 0);
  private static final int PAGE = 4096;
  private static final long ROOT = PAGE;
  private static final long CONTEXTS = 2 * PAGE;
  private static final long TABLES = 3 * PAGE;
  private static final int REQUESTS = 20_000;
  private static final int ROUNDS = 50;

  private final MemorySegment ram = Arena.ofAuto().allocate(16 * PAGE, PAGE);
  private final MemorySegment data = Arena.ofAuto().allocate(PAGE, PAGE);
  private final MemoryMap memory = new MemoryMap();
  private final RemappingUnit unit =
      new RemappingUnit(UnitConfiguration.builder().build(), memory, (address, word) -> {});
  private final RootComplex complex = new RootComplex();
  private final UpstreamPort port;
  private int refused;

  /// How far the tables get.
  private enum Tables {
    NO_ROOT,
    NO_PAGE,
    /// The same, of a device whose faults are not to be processed (FPD).
    NO_PAGE_AND_NO_FAULTS
  }

  RefusedRequestTest() {
    memory.add(new MappedRegion(0, ram, Access.READ_WRITE));
    complex.cover(DEVICE, unit);
    port = complex.portOf(DEVICE, memory, (address, word) -> {});
  }

  private void translate(Tables tables) {
    if (tables != Tables.NO_ROOT) {
      long entry = CONTEXTS + 16L * (DEVICE.id() & 0xff);
      long faults = tables == Tables.NO_PAGE ? 0 : 2;
      ram.set(ValueLayout.JAVA_LONG, ROOT, CONTEXTS | 1);
      ram.set(ValueLayout.JAVA_LONG, entry, TABLES | faults | 1);
      ram.set(ValueLayout.JAVA_LONG, entry + 8, 7 << 8 | 2);
    }
    unit.writeRegister(0x20, 8, ROOT);
    unit.writeRegister(0x18, 4, 1L << 30);
    unit.writeRegister(0x18, 4, 1L << 31);
  }

  private long allocatedByWrites() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < REQUESTS; i++) {
      refused += port.write((long) i * PAGE, data, 0, 8).isSuccess() ? 0 : 1;
    }
    return threads.getCurrentThreadAllocatedBytes() - before;
  }

  /// A device gone wild must not keep the collector busy for everybody else.
  @ParameterizedTest
  @EnumSource(Tables.class)
  void aRefusedRequestAllocatesNothing(Tables tables) {
    translate(tables);
    long least = Long.MAX_VALUE;
    for (int round = 0; round < ROUNDS; round++) {
      least = Math.min(least, allocatedByWrites());
    }
    assertThat(refused).isEqualTo(ROUNDS * REQUESTS);
    assertThat(complex.blocked().count()).isEqualTo(refused);
    assertThat(least).isZero();
  }

  @Test
  void theNewestAreKeptOldestFirst() {
    translate(Tables.NO_ROOT);
    for (int i = 0; i < 100; i++) {
      assertThat(port.write((long) i * PAGE, data, 0, 8)).isEqualTo(Completion.UNSUPPORTED_REQUEST);
    }
    assertThat(complex.blocked().count()).isEqualTo(100);
    assertThat(complex.blocked().newest()).hasSize(32);
    assertThat(complex.blocked().newest().getFirst())
        .isEqualTo(
            new BlockedRequest(
                DEVICE, 68L * PAGE, Request.WRITE, Optional.of(FaultReason.ROOT_NOT_PRESENT)));
    assertThat(complex.blocked().newest().getLast().iova()).isEqualTo(99L * PAGE);
  }
}
