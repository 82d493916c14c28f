package dev.portcullis.management.recovery;

import dev.portcullis.management.boot.RebuildMarker;
import dev.portcullis.management.boot.Uninterrupted;
import dev.portcullis.management.boot.VerifiedBoot;
import dev.portcullis.management.state.StateException;
import dev.portcullis.management.state.StateStore;
import dev.portcullis.vmm.VmmException;
import dev.portcullis.vmm.event.EventType;
import dev.portcullis.vmm.event.Severity;
import dev.portcullis.vmm.event.Subject;
import dev.portcullis.vmm.platform.RunningPartition;
import dev.portcullis.vmm.platform.RunningPlatform;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Rebuilds partitions from their safe images, whatever has become of them.
///
/// What a sudden end leaves half done starts over when the platform is started again; until it is
/// complete, [VerifiedBoot] lets nothing begin from it.
public final class Recovery implements AutoCloseable {
  private static final int TOLD_PERCENT = 10;
  private static final long CLOSING_MILLIS = 10_000;

  private final RunningPlatform platform;
  private final VerifiedBoot boot;
  private final RebuildMarker marker;
  private final Set<String> busy = new HashSet<>();
  private boolean ends;

  private Recovery(RunningPlatform platform, VerifiedBoot boot, StateStore state) {
    this.platform = platform;
    this.boot = boot;
    this.marker = new RebuildMarker(state);
  }

  /// Recovery for the partitions of `platform`. What was cut short before begins again.
  public static Recovery start(RunningPlatform platform, VerifiedBoot boot, StateStore state) {
    Recovery recovery = new Recovery(platform, boot, state);
    for (RunningPartition partition : platform.partitions()) {
      recovery.goOn(partition.name());
    }
    return recovery;
  }

  private void goOn(String partition) {
    try {
      Optional<String> cutShort = marker.read(partition);
      if (cutShort.isPresent()) {
        DataDisk data = DataDisk.of(cutShort.get().strip());
        Thread.ofPlatform()
            .daemon()
            .name("rebuild of " + partition)
            .start(() -> goOn(partition, data));
      }
    } catch (StateException | IllegalArgumentException e) {
      tell(partition, Severity.ERROR, "failed", "how to go on is not known: " + e.getMessage());
    }
  }

  private void goOn(String partition, DataDisk data) {
    try {
      rebuild(partition, data, RebuildProgress.NONE);
    } catch (RecoveryException told) {
      // By an event: nobody waits for it here.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Rebuilds a partition, and starts it. It is killed first, whatever it is doing; if its safe
  /// images are not what its manifest says, it goes on as if nothing had been asked.
  ///
  /// @param data what becomes of its data
  /// @throws RecoveryException if it is not rebuilt, or not started; events tell that, too
  /// @throws InterruptedException if the caller does not wait any longer: the rebuild goes on
  public void rebuild(String partition, DataDisk data, RebuildProgress progress)
      throws RecoveryException, InterruptedException {
    RebuildTarget target = target(partition);
    Optional<RecoveryException> failed =
        Uninterrupted.call("rebuild of " + partition, () -> attempt(target, data, progress));
    if (failed.isPresent()) {
      throw failed.get();
    }
  }

  private RebuildTarget target(String partition) throws RecoveryException {
    try {
      return new PlatformTarget(platform, platform.partition(partition));
    } catch (VmmException e) {
      throw new RecoveryException(e.getMessage(), e);
    }
  }

  private Optional<RecoveryException> attempt(
      RebuildTarget target, DataDisk data, RebuildProgress progress) throws InterruptedException {
    String name = target.name();
    try {
      enter(name);
    } catch (RecoveryException e) {
      return Optional.of(e);
    }
    try {
      attempt(name, new Rebuild(target, data, marker, told(name, progress), this::ends));
      tell(name, Severity.NOTICE, "complete", "it was rebuilt, its data: " + data.word());
      return Optional.empty();
    } catch (RecoveryException e) {
      tell(name, Severity.ERROR, "failed", e.getMessage());
      return Optional.of(e);
    } finally {
      leave(name);
    }
  }

  private void attempt(String name, Rebuild rebuild)
      throws RecoveryException, InterruptedException {
    try (rebuild) {
      tell(name, Severity.NOTICE, "started", "it is rebuilt");
      write(name, rebuild);
      rebuild.start();
    }
  }

  private void write(String name, Rebuild rebuild) throws RecoveryException {
    if (!boot.writers().begin(name)) {
      throw new RecoveryException("partition " + name + " begins from its safe image just now");
    }
    try {
      rebuild.prepare(boot);
      rebuild.write();
    } finally {
      boot.writers().end(name);
    }
  }

  private synchronized void enter(String partition) throws RecoveryException {
    if (ends || !busy.add(partition)) {
      throw new RecoveryException(
          ends ? "the platform ends" : "partition " + partition + " is being rebuilt already");
    }
  }

  private synchronized void leave(String partition) {
    busy.remove(partition);
    notifyAll();
  }

  private synchronized boolean ends() {
    return ends;
  }

  /// Tells of each tenth, too.
  private RebuildProgress told(String partition, RebuildProgress progress) {
    int[] last = {0};
    return (step, fraction) -> {
      progress.report(step, fraction);
      int percent = (int) (fraction * 100);
      if (percent >= last[0] + TOLD_PERCENT) {
        last[0] = percent - percent % TOLD_PERCENT;
        tell(partition, Severity.INFORMATIONAL, "under-way", "%s, %d %%".formatted(step, percent));
      }
    };
  }

  private void tell(String partition, Severity severity, String state, String text) {
    platform
        .events()
        .publish(
            EventType.REBUILD_STATE,
            severity,
            Subject.ofPartition(partition),
            "partition %s: %s".formatted(partition, text),
            Map.of("state", state));
  }

  /// Ends: what is under way stops at the next block, and starts over with the next platform.
  @Override
  public synchronized void close() {
    ends = true;
    long deadlineNanos = System.nanoTime() + CLOSING_MILLIS * 1_000_000;
    try {
      while (!busy.isEmpty() && System.nanoTime() < deadlineNanos) {
        wait(CLOSING_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
