package dev.portcullis.machine.wiring;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.portcullis.memory.MappedRegion;
import dev.portcullis.memory.MemoryMap;
import dev.portcullis.memory.MemoryRegion.Access;
import dev.portcullis.pci.AddressType;
import dev.portcullis.pci.PasidPrefix;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.pci.UpstreamPort;
import dev.portcullis.unit.RemappingUnit;
import dev.portcullis.unit.UnitConfiguration;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

class RemappedPortAllocationTest {
  private static final int BYTES = 1 << 20;
  private static final int ROUNDS = 20_000;
  private static final int PREFIX = PasidPrefix.of(5);

  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private final MemorySegment buffer = Arena.ofAuto().allocate(BYTES, 4096);
  private final UpstreamPort port = port();
  private int good;

  private static UpstreamPort port() {
    MemoryMap memory = new MemoryMap();
    memory.add(new MappedRegion(0, Arena.ofAuto().allocate(BYTES, 4096), Access.READ_WRITE));
    RequesterId requester = new RequesterId(0, 5, 0);
    RootComplex complex = new RootComplex();
    complex.cover(
        requester,
        new RemappingUnit(UnitConfiguration.builder().build(), memory, (address, data) -> {}));
    return complex.portOf(requester, memory, (address, data) -> {});
  }

  private void work() {
    for (int i = 0; i < ROUNDS; i++) {
      good += port.read(i, buffer, 0, 9000).isSuccess() ? 1 : 0;
      good += port.write(i, buffer, 0, 9000).isSuccess() ? 1 : 0;
      good += port.message(0xfee0_0000L, i).isSuccess() ? 1 : 0;
      good += port.zeroLengthRead(i).isSuccess() ? 1 : 0;
      good += port.read(AddressType.UNTRANSLATED, PREFIX, i, buffer, 0, 9000).isSuccess() ? 1 : 0;
    }
  }

  @Test
  void aRequestThatIsGrantedAllocatesNothing() {
    long least = Long.MAX_VALUE;
    for (int round = 0; round < 6; round++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      work();
      least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
    }
    // What the virtual machine allocates once, while it links and compiles, is not the way's.
    assertThat(least).isZero();
    assertThat(good).isEqualTo(6 * 5 * ROUNDS);
  }
}
