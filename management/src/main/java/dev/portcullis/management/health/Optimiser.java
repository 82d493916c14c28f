package dev.portcullis.management.health;

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
        List.of(
            new LargePages(platform),
            new Posting(platform),
            new QueueCounts(platform),
            new DeferredInvalidation(platform));
  }

  /// What could be changed now, what was, and what stays as it is.
  ///
  /// @throws VmmException if tables cannot be read
  public synchronized List<Advice> advice() throws VmmException {
    List<Advice> all = new ArrayList<>();
    for (Tuning tuning : tunings) {
      all.addAll(tuning.advice());
    }
    return all;
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

  /// Makes one change.
  ///
  /// @throws IllegalArgumentException if it is not offered
  /// @throws VmmException if the unit fails
  public synchronized void apply(String id) throws VmmException {
    List<String> offered = new ArrayList<>();
    for (Tuning tuning : tunings) {
      for (Advice advice : tuning.advice()) {
        if (advice.state() == Advice.State.OFFERED) {
          if (advice.id().equals(id)) {
            tell(tuning.apply(advice), "applied", id);
            return;
          }
          offered.add(advice.id());
        }
      }
    }
    throw new IllegalArgumentException(
        "\"%s\" is no change that is offered%s".formatted(id, list("; these are: ", offered)));
  }

  private static String list(String before, List<String> ids) {
    return ids.isEmpty() ? "" : before + String.join(", ", ids);
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
        "\"%s\" is no change that was made%s".formatted(id, list("; these were: ", made)));
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
