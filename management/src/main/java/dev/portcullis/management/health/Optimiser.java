package dev.portcullis.management.health;

import dev.portcullis.unit.Statistics;
import dev.portcullis.vmm.VmmException;
import dev.portcullis.vmm.event.EventType;
import dev.portcullis.vmm.event.Severity;
import dev.portcullis.vmm.platform.RunningPlatform;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Says what the unit's work costs, and changes what costs more than it must. Nothing is changed
/// that would give anybody more: see `docs/services/health.md`.
public final class Optimiser {
  private final RunningPlatform platform;
  private final List<Tuning> tunings;

  /// Nothing is changed yet.
  public Optimiser(RunningPlatform platform) {
    this.platform = platform;
    this.tunings =
        List.of(new LargePages(platform), new Posting(platform), new QueueCounts(platform));
  }

  /// What could be changed now, what was, and what stays as it is.
  ///
  /// @throws VmmException if tables cannot be read
  public synchronized List<Advice> advice() throws VmmException {
    List<Advice> all = new ArrayList<>();
    for (Tuning tuning : tunings) {
      all.addAll(tuning.advice());
    }
    all.add(invalidation());
    return all;
  }

  /// Deferred invalidation is never offered here: a partition's devices would go on reaching memory
  /// that it has lost.
  private Advice invalidation() {
    Statistics statistics = platform.unit().statistics();
    return new Advice(
        "",
        "invalidation",
        Advice.State.KEPT,
        "strict: %,d invalidations to %,d requests. Deferred, devices of a partition would go on"
                .formatted(statistics.invalidationsInAll(), statistics.requests())
            + " reaching memory that it has lost, for as long as it is deferred");
  }

  /// Makes every change that is offered.
  ///
  /// @throws VmmException if the unit fails; what was changed before stays so
  public synchronized void apply() throws VmmException {
    for (Tuning tuning : tunings) {
      for (Advice advice : tuning.advice()) {
        if (advice.state() == Advice.State.OFFERED) {
          tell(tuning.apply(advice), "applied", advice.id());
        }
      }
    }
  }

  /// Undoes a change.
  ///
  /// @throws IllegalArgumentException if there is no such change
  /// @throws VmmException if the unit fails; part of it may be undone then
  public synchronized void revert(String id) throws VmmException {
    List<String> made = new ArrayList<>();
    for (Tuning tuning : tunings) {
      if (tuning.changes().contains(id)) {
        Tuning.Done undone = tuning.revert(id);
        tell(new Tuning.Done(undone.of(), "it is as before: " + undone.text()), "reverted", id);
        return;
      }
      made.addAll(tuning.changes());
    }
    throw new IllegalArgumentException(
        "\""
            + id
            + "\" is no change that was made"
            + (made.isEmpty() ? "" : "; these were: " + String.join(", ", made)));
  }

  private void tell(Tuning.Done done, String state, String id) {
    platform
        .events()
        .publish(
            EventType.HEALTH_OPTIMISATION,
            Severity.NOTICE,
            done.of(),
            "%s %s: %s".formatted(id, state, done.text()),
            Map.of("change", id, "state", state));
  }
}
