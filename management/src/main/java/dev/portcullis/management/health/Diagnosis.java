package dev.portcullis.management.health;

import dev.portcullis.management.boot.Uninterrupted;
import dev.portcullis.management.boot.VerifiedBoot;
import dev.portcullis.management.boot.manifest.ManifestException;
import dev.portcullis.management.boot.verity.Verity;
import dev.portcullis.vmm.event.EventType;
import dev.portcullis.vmm.event.Severity;
import dev.portcullis.vmm.event.Subject;
import dev.portcullis.vmm.platform.RunningPartition;
import dev.portcullis.vmm.platform.RunningPlatform;
import dev.portcullis.vmm.platform.boot.BootDisk;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;

/// Looks whether a running platform is well, whatever its partitions are doing, and disturbs none
/// of them.
public final class Diagnosis {
  /// How fast disks are read if nothing is said: bytes a second.
  public static final long USUAL_RATE = 256L << 20;

  private final RunningPlatform platform;
  private final Optional<VerifiedBoot> boot;
  private final AtomicBoolean busy = new AtomicBoolean();
  private volatile DiagnosisReport last;

  /// @param boot what disks should be, if that is known
  public Diagnosis(RunningPlatform platform, Optional<VerifiedBoot> boot) {
    this.platform = platform;
    this.boot = boot;
  }

  /// What the latest one has found, if there was one.
  public Optional<DiagnosisReport> last() {
    return Optional.ofNullable(last);
  }

  /// Looks at what `checks` say. Events tell of what is wrong, and of the end.
  ///
  /// @param bytesPerSecond how fast disks are read
  /// @throws IllegalStateException if another one is under way
  /// @throws InterruptedException if the caller does not wait any longer: it goes on
  public DiagnosisReport run(Set<Check> checks, long bytesPerSecond, DiagnosisProgress progress)
      throws InterruptedException {
    if (!busy.compareAndSet(false, true)) {
      throw new IllegalStateException("a diagnosis is under way already");
    }
    return Uninterrupted.call("diagnosis", () -> runAlone(checks, bytesPerSecond, progress));
  }

  private DiagnosisReport runAlone(
      Set<Check> checks, long bytesPerSecond, DiagnosisProgress progress)
      throws InterruptedException {
    try {
      List<CheckResult> results = new ArrayList<>();
      for (Check check : Check.values()) {
        if (checks.contains(check)) {
          progress.report(check.word(), 0);
          List<CheckResult> some = run(check, bytesPerSecond, progress);
          some.stream().filter(CheckResult::isFailed).forEach(this::tell);
          results.addAll(some);
        }
      }
      DiagnosisReport report = new DiagnosisReport(Instant.now(), results);
      last = report;
      tell(report);
      return report;
    } finally {
      busy.set(false);
    }
  }

  private List<CheckResult> run(Check check, long bytesPerSecond, DiagnosisProgress progress)
      throws InterruptedException {
    return switch (check) {
      case UNIT -> new UnitCheck(platform).run();
      case DMA -> new LoopbackCheck(platform, at -> true).run();
      case MEMORY ->
          new MemoryCheck(platform.lvmm().physical(), Cells.of(platform.memory().map()), progress)
              .run();
      case DISK -> disks(bytesPerSecond, progress);
    };
  }

  private List<CheckResult> disks(long bytesPerSecond, DiagnosisProgress progress)
      throws InterruptedException {
    List<CheckResult> results = new ArrayList<>();
    Pace pace = new Pace(bytesPerSecond);
    for (RunningPartition partition : platform.partitions()) {
      for (BootDisk disk : platform.disks(partition.name())) {
        Optional<Verity> wanted = wanted(partition.name(), disk.name());
        results.add(new DiskCheck(disk.name(), disk.blocks(), wanted, pace, progress).run());
      }
    }
    if (results.isEmpty()) {
      results.add(CheckResult.skipped(Check.DISK, "disks", "no partition has one"));
    }
    return results;
  }

  private Optional<Verity> wanted(String partition, String disk) {
    try {
      return boot.isPresent() ? boot.get().manifest(partition).verity(disk) : Optional.empty();
    } catch (ManifestException none) {
      return Optional.empty();
    }
  }

  private void tell(CheckResult wrong) {
    platform
        .events()
        .publish(
            EventType.HEALTH_CHECK,
            Severity.ERROR,
            Subject.PLATFORM,
            "%s, %s: %s".formatted(wrong.check().word(), wrong.subject(), wrong.text()),
            Map.of(
                "check", wrong.check().word(),
                "subject", wrong.subject(),
                "outcome", wrong.outcome().word()));
  }

  private void tell(DiagnosisReport report) {
    long failed = report.results().stream().filter(CheckResult::isFailed).count();
    platform
        .events()
        .publish(
            EventType.HEALTH_CHECK,
            failed == 0 ? Severity.NOTICE : Severity.ERROR,
            Subject.PLATFORM,
            "diagnosis: %d of %d failed".formatted(failed, report.results().size()),
            Map.of(
                "outcome",
                failed == 0 ? "passed" : "failed",
                "failed",
                failed,
                "checks",
                (long) report.results().size()));
  }
}
