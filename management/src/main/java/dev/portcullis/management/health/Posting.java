package dev.portcullis.management.health;

import dev.portcullis.driver.port.DriverException;
import dev.portcullis.vmm.VmmException;
import dev.portcullis.vmm.VmmException.Reason;
import dev.portcullis.vmm.event.Subject;
import dev.portcullis.vmm.interrupt.Delivery;
import dev.portcullis.vmm.interrupt.Traffic;
import dev.portcullis.vmm.interrupt.Way;
import dev.portcullis.vmm.platform.RunningPartition;
import dev.portcullis.vmm.platform.RunningPlatform;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Has interrupts of assigned functions posted where the monitor would be called less often for it,
/// and remapped where posting saves it nothing.
final class Posting implements Tuning {
  /// With fewer there is little to gain, and less to conclude from.
  static final int LEAST_TO_POST = 1000;

  /// As long as posting saves nothing, it costs little.
  static final int LEAST_TO_REMAP = 10_000;

  private static final String ID = "posting-";
  private static final String SUBJECT = " interrupts";

  private final RunningPlatform platform;
  private final Map<String, Change> changes = new LinkedHashMap<>();

  /// What had come when a partition's way was changed last.
  private final Map<RunningPartition, Traffic> starts = new LinkedHashMap<>();

  /// A change that was made.
  private record Change(RunningPartition partition, Way before, String text) {}

  Posting(RunningPlatform platform) {
    this.platform = platform;
  }

  @Override
  public List<Advice> advice() {
    return platform.partitions().stream().map(this::of).toList();
  }

  private Advice of(RunningPartition partition) {
    String id = ID + partition.name();
    Delivery delivery = partition.interrupts();
    Way way = delivery.way();
    Traffic traffic = traffic(partition);
    Optional<String> obstacle = delivery.obstacle(other(way));
    String measured = measured(way, traffic);
    Change change = changes.get(id);
    if (change != null && change.partition() == partition) {
      return advice(
          id, partition, Advice.State.APPLIED, "%s; before, %s".formatted(measured, change.text()));
    }
    if (obstacle.isPresent()) {
      return advice("", partition, Advice.State.KEPT, "%s; %s".formatted(measured, obstacle.get()));
    }
    return pays(way, traffic)
        ? advice(id, partition, Advice.State.OFFERED, measured + gain(way))
        : advice("", partition, Advice.State.KEPT, measured);
  }

  private static Advice advice(String id, RunningPartition of, Advice.State state, String text) {
    return new Advice(id, of.name() + SUBJECT, state, text);
  }

  private static Way other(Way way) {
    return way == Way.POSTED ? Way.REMAPPED : Way.POSTED;
  }

  private Traffic traffic(RunningPartition partition) {
    starts.keySet().removeIf(one -> !platform.partitions().contains(one));
    Traffic now = partition.interrupts().traffic();
    Traffic start = starts.get(partition);
    return start == null ? now : now.since(start);
  }

  /// Both ways off by some: what has just been changed is not at once worth changing back.
  static boolean pays(Way way, Traffic traffic) {
    return switch (way) {
      case REMAPPED ->
          traffic.remapped() >= LEAST_TO_POST && traffic.rounds() * 10 <= traffic.remapped() * 9;
      case POSTED ->
          traffic.posted() >= LEAST_TO_REMAP && traffic.told() * 100 >= traffic.posted() * 99;
    };
  }

  private static String measured(Way way, Traffic traffic) {
    return switch (way) {
      case REMAPPED ->
          "remapped: %,d came, a call of the monitor each; its software looked %,d times"
              .formatted(traffic.remapped(), traffic.rounds());
      case POSTED ->
          "posted: %,d were taken, and the monitor was called %,d times"
              .formatted(traffic.posted(), traffic.told());
    };
  }

  private static String gain(Way way) {
    return switch (way) {
      case REMAPPED -> ", and so often it would be called if they were posted";
      case POSTED -> ", so posting spares it nothing, and costs changes of a descriptor each";
    };
  }

  @Override
  public Done apply(Advice advice) throws VmmException {
    String name = advice.subject().substring(0, advice.subject().length() - SUBJECT.length());
    RunningPartition partition = platform.partition(name);
    Way before = partition.interrupts().way();
    deliver(partition, other(before));
    changes.put(advice.id(), new Change(partition, before, advice.text()));
    return new Done(
        Subject.ofPartition(name),
        "%s from now on: %s".formatted(other(before).word(), advice.text()));
  }

  private void deliver(RunningPartition partition, Way way) throws VmmException {
    try {
      partition.interrupts().deliver(way);
    } catch (DriverException e) {
      throw new VmmException(
          Reason.UNIT, "interrupts of %s: %s".formatted(partition.name(), e.getMessage()), e);
    }
    starts.put(partition, partition.interrupts().traffic());
  }

  @Override
  public Collection<String> changes() {
    changes.values().removeIf(change -> !platform.partitions().contains(change.partition()));
    return changes.keySet();
  }

  @Override
  public Done revert(String id) throws VmmException {
    Change change = changes.get(id);
    String measured = measured(change.partition().interrupts().way(), traffic(change.partition()));
    deliver(change.partition(), change.before());
    changes.remove(id);
    return new Done(
        Subject.ofPartition(change.partition().name()),
        "%s again; meanwhile, %s".formatted(change.before().word(), measured));
  }
}
