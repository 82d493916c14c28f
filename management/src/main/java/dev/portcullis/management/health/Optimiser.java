package dev.portcullis.management.health;

import dev.portcullis.spec.register.Feature;
import dev.portcullis.unit.Statistics;
import dev.portcullis.vmm.VmmException;
import dev.portcullis.vmm.event.EventType;
import dev.portcullis.vmm.event.Severity;
import dev.portcullis.vmm.event.Subject;
import dev.portcullis.vmm.platform.RunningPartition;
import dev.portcullis.vmm.platform.RunningPlatform;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Says what the unit's work costs, and changes what costs more than it must. Nothing is changed
/// that would give anybody more, or the same for longer: see `docs/services/health.md`.
public final class Optimiser {
  private static final String LARGE_PAGES = "large-pages-";

  private final RunningPlatform platform;
  private final Map<String, Change> changes = new LinkedHashMap<>();

  /// A change that was made.
  ///
  /// @param gpas where small pages were joined
  private record Change(RunningPartition partition, List<Long> gpas, String text) {}

  /// Nothing is changed yet.
  public Optimiser(RunningPlatform platform) {
    this.platform = platform;
  }

  /// What could be changed now, what was, and what stays as it is.
  ///
  /// @throws VmmException if tables cannot be read
  public synchronized List<Advice> advice() throws VmmException {
    changes.values().removeIf(change -> !isThere(change.partition()));
    List<Advice> all = new ArrayList<>();
    for (RunningPartition partition : platform.partitions()) {
      all.add(largePages(partition));
    }
    all.add(invalidation());
    all.add(posting());
    return all;
  }

  private boolean isThere(RunningPartition partition) {
    return platform.partitions().contains(partition);
  }

  private Advice largePages(RunningPartition partition) throws VmmException {
    String id = LARGE_PAGES + partition.name();
    int count = partition.partition().joinable().size();
    if (count > 0) {
      return new Advice(
          id,
          partition.name(),
          Advice.State.OFFERED,
          "%,d times 2 MiB are mapped by 512 small pages each, where one would say the same; %s"
              .formatted(count, walks()));
    }
    Change change = changes.get(id);
    return change == null
        ? new Advice(
            "",
            partition.name(),
            Advice.State.KEPT,
            "no small pages could be joined to large ones; " + walks())
        : new Advice(id, partition.name(), Advice.State.APPLIED, change.text());
  }

  private String walks() {
    Statistics statistics = platform.unit().statistics();
    long walks = statistics.walks();
    return "of %,d requests %,d needed a walk, which read %.1f entries each"
        .formatted(
            statistics.requests(),
            walks,
            walks == 0 ? 0 : (double) statistics.pagingEntriesFetched() / walks);
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

  private Advice posting() {
    Statistics.Interrupts interrupts = platform.unit().statistics().interrupts();
    String text =
        platform.driver().traits().has(Feature.POSTED_INTERRUPTS)
            ? "posted where an engine takes them so: %,d were, and software was told %,d times; %,d"
                    .formatted(interrupts.posted(), interrupts.told(), interrupts.remapped())
                + " were remapped"
            : "the unit cannot post: %,d were remapped".formatted(interrupts.remapped());
    return new Advice("", "interrupts", Advice.State.KEPT, text);
  }

  /// Makes every change that is offered.
  ///
  /// @throws VmmException if the unit fails; what was changed before stays so
  public synchronized void apply() throws VmmException {
    for (Advice advice : advice()) {
      if (advice.state() == Advice.State.OFFERED) {
        apply(advice);
      }
    }
  }

  private void apply(Advice advice) throws VmmException {
    RunningPartition partition = platform.partition(advice.subject());
    List<Long> gpas = new ArrayList<>(partition.partition().join(partition.partition().joinable()));
    Change before = changes.get(advice.id());
    if (before != null) {
      gpas.addAll(before.gpas());
    }
    String text = "2 MiB pages instead of small ones, %,d times: ".formatted(gpas.size());
    changes.put(advice.id(), new Change(partition, gpas, text + advice.text()));
    tell(partition, "applied", advice.id(), advice.text());
  }

  /// Undoes a change.
  ///
  /// @throws IllegalArgumentException if there is no such change
  /// @throws VmmException if the unit fails; part of it may be undone then
  public synchronized void revert(String id) throws VmmException {
    changes.values().removeIf(change -> !isThere(change.partition()));
    Change change = changes.get(id);
    if (change == null) {
      throw new IllegalArgumentException(
          "\""
              + id
              + "\" is no change that was made"
              + (changes.isEmpty() ? "" : "; these were: " + String.join(", ", changes.keySet())));
    }
    change.partition().partition().divide(change.gpas());
    changes.remove(id);
    tell(change.partition(), "reverted", id, "it is as before: " + change.text());
  }

  private void tell(RunningPartition partition, String state, String id, String text) {
    platform
        .events()
        .publish(
            EventType.HEALTH_OPTIMISATION,
            Severity.NOTICE,
            Subject.ofPartition(partition.name()),
            "%s %s: %s".formatted(id, state, text),
            Map.of("change", id, "state", state));
  }
}
