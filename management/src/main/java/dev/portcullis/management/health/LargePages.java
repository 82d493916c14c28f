package dev.portcullis.management.health;

import dev.portcullis.unit.Statistics;
import dev.portcullis.vmm.VmmException;
import dev.portcullis.vmm.event.Subject;
import dev.portcullis.vmm.platform.RunningPartition;
import dev.portcullis.vmm.platform.RunningPlatform;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Has one large page map what 512 small ones do.
final class LargePages implements Tuning {
  private static final String ID = "large-pages-";

  private final RunningPlatform platform;
  private final Map<String, Change> changes = new LinkedHashMap<>();

  /// A change that was made.
  ///
  /// @param gpas where small pages were joined
  private record Change(RunningPartition partition, List<Long> gpas, String text) {}

  LargePages(RunningPlatform platform) {
    this.platform = platform;
  }

  @Override
  public List<Advice> advice() throws VmmException {
    List<Advice> all = new ArrayList<>();
    for (RunningPartition partition : platform.partitions()) {
      all.add(of(partition));
    }
    return all;
  }

  private Advice of(RunningPartition partition) throws VmmException {
    String id = ID + partition.name();
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
    return change == null || change.partition() != partition
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

  @Override
  public Done apply(Advice advice) throws VmmException {
    RunningPartition partition = platform.partition(advice.subject());
    List<Long> gpas = new ArrayList<>(partition.partition().join(partition.partition().joinable()));
    Change before = changes.get(advice.id());
    if (before != null && before.partition() == partition) {
      gpas.addAll(before.gpas());
    }
    String text = "2 MiB pages instead of small ones, %,d times: ".formatted(gpas.size());
    changes.put(advice.id(), new Change(partition, gpas, text + advice.text()));
    return new Done(Subject.ofPartition(partition.name()), advice.text());
  }

  @Override
  public Collection<String> changes() {
    changes.values().removeIf(change -> !platform.partitions().contains(change.partition()));
    return changes.keySet();
  }

  @Override
  public Done revert(String id) throws VmmException {
    Change change = changes.get(id);
    change.partition().partition().divide(change.gpas());
    changes.remove(id);
    return new Done(Subject.ofPartition(change.partition().name()), change.text());
  }
}
