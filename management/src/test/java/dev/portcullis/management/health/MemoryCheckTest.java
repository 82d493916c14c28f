package dev.portcullis.management.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.portcullis.management.health.CheckResult.Outcome;
import dev.portcullis.vmm.memory.Owner;
import dev.portcullis.vmm.memory.PageRange;
import dev.portcullis.vmm.memory.PhysicalMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MemoryCheckTest {
  private static final long MIB = 1 << 20;

  /// Memory of which one bit is always set.
  private static final class Stuck implements Cells {
    private final byte[] bytes;
    private final int stuck;
    private final List<Long> written = new ArrayList<>();

    private Stuck(long bytes, int stuck) {
      this.bytes = new byte[(int) bytes];
      this.stuck = stuck;
    }

    @Override
    public boolean write(long hpa, MemorySegment from) {
      written.add(hpa);
      MemorySegment.copy(from, 0, MemorySegment.ofArray(bytes), hpa, from.byteSize());
      if (stuck >= 0) {
        bytes[stuck] |= 4;
      }
      return true;
    }

    @Override
    public boolean read(long hpa, MemorySegment to) {
      if (hpa + to.byteSize() > bytes.length) {
        return false;
      }
      MemorySegment.copy(bytes, (int) hpa, to, ValueLayout.JAVA_BYTE, 0, (int) to.byteSize());
      return true;
    }
  }

  private final PhysicalMemory ledger = new PhysicalMemory(new PageRange(0, 16 * MIB));

  private List<CheckResult> run(Cells cells) {
    return new MemoryCheck(ledger, cells, DiagnosisProgress.NONE).run();
  }

  @Test
  void freeMemoryIsTestedAndLeftAsZeroes() throws Exception {
    ledger.take(new PageRange(0, 4 * MIB), new Owner.Window("user"));
    ledger.take(new PageRange(15 * MIB, MIB), new Owner.Reserved("the monitor"));
    Stuck memory = new Stuck(16 * MIB, -1);
    List<?> before = ledger.portions();

    assertThat(run(memory))
        .extracting(CheckResult::subject, CheckResult::outcome, CheckResult::text)
        .containsExactly(
            tuple("free memory", Outcome.PASSED, "11 MiB kept what was written"),
            tuple("partition user", Outcome.PASSED, "4 MiB were read"));
    assertThat(memory.written).allMatch(hpa -> hpa >= 4 * MIB && hpa < 15 * MIB);
    assertThat(memory.bytes).containsOnly(0);
    assertThat(ledger.portions()).isEqualTo(before);
  }

  @Test
  void bitThatDoesNotChangeIsFound() {
    for (int stuck : new int[] {0, (int) (5 * MIB + 77), (int) (16 * MIB - 1)}) {
      CheckResult result = run(new Stuck(16 * MIB, stuck)).getFirst();

      assertThat(result.outcome()).isEqualTo(Outcome.FAILED);
      assertThat(result.text()).isEqualTo("what was written at %#x was not read".formatted(stuck));
      assertThat(ledger.portions()).isEmpty();
    }
  }

  @Test
  void memoryThatIsNotThereIsFound() throws Exception {
    ledger.take(new PageRange(0, 16 * MIB), new Owner.Window("user"));

    assertThat(run(new Stuck(8 * MIB, -1)))
        .extracting(CheckResult::outcome)
        .containsExactly(Outcome.SKIPPED, Outcome.FAILED);
  }
}
