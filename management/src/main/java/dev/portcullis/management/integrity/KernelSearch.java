package dev.portcullis.management.integrity;

import dev.portcullis.memory.MemoryMap;
import dev.portcullis.vmm.VmmException;
import dev.portcullis.vmm.engine.Engine;
import dev.portcullis.vmm.engine.EngineException;
import dev.portcullis.vmm.engine.EngineState.Phase;
import dev.portcullis.vmm.partition.Partition;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/// Looks for the kernel of a partition that has just begun, on a thread of its own: an engine may
/// take its time to answer, and the agents wait for nobody.
final class KernelSearch {
  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(5);
  private static final long PAUSE_MILLIS = 500;

  private final Partition partition;
  private final MemoryMap memory;
  private final Engine engine;
  private final Found found;

  /// Who wants to know.
  interface Found {
    void found(List<WatchedRange> ranges, JumpLabels labels) throws VmmException;
  }

  /// @param found told once, in the search's own thread
  KernelSearch(Partition partition, MemoryMap memory, Engine engine, Found found) {
    this.partition = partition;
    this.memory = memory;
    this.engine = engine;
    this.found = found;
  }

  /// Begins.
  ///
  /// @param isWanted whether it is to go on
  void start(BooleanSupplier isWanted) {
    Thread.ofPlatform()
        .daemon()
        .name("kernel of " + partition.name())
        .start(() -> search(isWanted));
  }

  private void search(BooleanSupplier isWanted) {
    try {
      while (isWanted.getAsBoolean()) {
        Optional<List<WatchedRange>> ranges = look();
        if (ranges.isPresent() && isWanted.getAsBoolean()) {
          found.found(ranges.get(), JumpLabels.find(this::read, ranges.get()));
          return;
        }
        TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
      }
    } catch (VmmException e) {
      // Told by whoever was told of the ranges.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Optional<List<WatchedRange>> look() throws InterruptedException {
    if (!engine.state().is(Phase.RUNNING)) {
      return Optional.empty();
    }
    try {
      return engine.paging(ANSWER_LIMIT).flatMap(at -> KernelLayout.find(this::read, at));
    } catch (EngineException e) {
      return Optional.empty();
    }
  }

  private boolean read(long gpa, byte[] to, int length) {
    Optional<Long> hpa = partition.map().hpa(gpa);
    return hpa.isPresent() && memory.read(hpa.get(), MemorySegment.ofArray(to), 0, length);
  }
}
