package dev.portcullis.management.health;

import dev.portcullis.vmm.VmmException;
import dev.portcullis.vmm.event.Subject;
import dev.portcullis.vmm.memory.Quarantine;
import dev.portcullis.vmm.partition.Invalidation;
import dev.portcullis.vmm.partition.Unmappings;
import dev.portcullis.vmm.platform.RunningPartition;
import dev.portcullis.vmm.platform.RunningPlatform;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Has the unit forget what a partition loses for many pages at once, where it loses so many so
/// often that this shows.
final class DeferredInvalidation implements Tuning {
  /// With fewer there is little to gain.
  static final int LEAST_UNMAPPINGS = 1000;

  /// Below one for so many requests an invalidation does not show beside them.
  static final int REQUESTS_TO_ONE = 100;

  private static final String ID = "invalidation-";
  private static final String SUBJECT = " invalidation";

  private final RunningPlatform platform;
  private final Map<String, Change> changes = new LinkedHashMap<>();

  /// A change that was made.
  ///
  /// @param start what there had been by then
  private record Change(RunningPartition partition, Unmappings start, String text) {}

  DeferredInvalidation(RunningPlatform platform) {
    this.platform = platform;
  }

  @Override
  public List<Advice> advice() {
    List<Advice> all = new ArrayList<>();
    for (RunningPartition partition : platform.partitions()) {
      all.add(of(partition));
    }
    return all;
  }

  private Advice of(RunningPartition partition) {
    String id = ID + partition.name();
    String subject = partition.name() + SUBJECT;
    Unmappings now = partition.partition().unmappings();
    Change change = changes.get(id);
    if (change != null && change.partition() == partition) {
      return new Advice(
          id,
          subject,
          Advice.State.APPLIED,
          "%s; before, %s".formatted(deferred(now.since(change.start())), change.text()));
    }
    if (partition.partition().invalidation() == Invalidation.DEFERRED) {
      return new Advice("", subject, Advice.State.KEPT, deferred(now));
    }
    long requests = platform.unit().statistics().requests();
    String text =
        "strict: pages were taken from it %,d times, an invalidation each, to %,d requests"
            .formatted(now.ranges(), requests);
    return pays(now.ranges(), requests)
        ? new Advice(id, subject, Advice.State.OFFERED, text + gain())
        : new Advice("", subject, Advice.State.KEPT, text);
  }

  private static String deferred(Unmappings some) {
    return "deferred: pages were taken from it %,d times, with %,d invalidations"
        .formatted(some.ranges(), some.invalidations());
  }

  private String gain() {
    Quarantine.Bounds bounds = platform.lvmm().physical().quarantine().bounds();
    return "; deferred, one does for all of %d ms or %,d pages. For so long its devices may still"
            .formatted(bounds.longest().toMillis(), bounds.pages())
        + " reach what it has lost, which stays its own and is given to nobody; nothing of others'";
  }

  /// Whether invalidations show.
  static boolean pays(long unmappings, long requests) {
    return unmappings >= LEAST_UNMAPPINGS && unmappings * REQUESTS_TO_ONE >= requests;
  }

  @Override
  public Done apply(Advice advice) throws VmmException {
    String name = advice.subject().substring(0, advice.subject().length() - SUBJECT.length());
    RunningPartition partition = platform.partition(name);
    partition.partition().invalidation(Invalidation.DEFERRED);
    Unmappings start = partition.partition().unmappings();
    changes.put(advice.id(), new Change(partition, start, advice.text()));
    return new Done(Subject.ofPartition(name), "deferred from now on: " + advice.text());
  }

  @Override
  public Collection<String> changes() {
    changes.values().removeIf(change -> !platform.partitions().contains(change.partition()));
    return changes.keySet();
  }

  @Override
  public Done revert(String id) throws VmmException {
    Change change = changes.get(id);
    change.partition().partition().invalidation(Invalidation.STRICT);
    Unmappings meanwhile = change.partition().partition().unmappings().since(change.start());
    changes.remove(id);
    return new Done(
        Subject.ofPartition(change.partition().name()),
        "strict again; meanwhile, " + deferred(meanwhile));
  }
}
