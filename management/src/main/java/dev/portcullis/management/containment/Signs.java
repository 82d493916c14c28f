package dev.portcullis.management.containment;

import dev.portcullis.management.containment.ContainmentDescription.Cause;
import dev.portcullis.management.containment.ContainmentDescription.Sign;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// Counts the signs of an outbreak, partition by partition. Its memory is what the description asks
/// for, whatever the partitions do. For any thread.
final class Signs {
  private final List<Sign> signs;
  private final Map<String, List<Counted>> byPartition = new ConcurrentHashMap<>();

  private record Counted(Sign sign, Detector detector) {}

  Signs(ContainmentDescription description) {
    this.signs = description.signs();
    description.partitions().forEach(this::begin);
  }

  /// Counts what happens to a partition from now on.
  void begin(String partition) {
    List<Counted> counted = new ArrayList<>();
    for (Sign sign : signs) {
      counted.add(new Counted(sign, detector(sign)));
    }
    byPartition.put(partition, counted);
  }

  /// Counts nothing of it any more.
  void end(String partition) {
    byPartition.remove(partition);
  }

  private static Detector detector(Sign sign) {
    long nanos = sign.within().toNanos();
    return sign.on() == Cause.SCAN
        ? new DifferentKeys(sign.count(), nanos)
        : new Occurrences(sign.count(), nanos);
  }

  /// Something has happened.
  ///
  /// @param key of a target, for [Cause#SCAN]
  /// @return the sign that this completes and that asks for most, if it completes one
  Optional<Sign> count(String partition, Cause cause, long nanoTime, long key) {
    Sign most = null;
    for (Counted one : byPartition.getOrDefault(partition, List.of())) {
      boolean completes = one.sign.on() == cause && one.detector.count(nanoTime, key);
      if (completes && (most == null || strength(one.sign) > strength(most))) {
        most = one.sign;
      }
    }
    return Optional.ofNullable(most);
  }

  private static int strength(Sign sign) {
    return strength(sign.then());
  }

  /// How much a sign's deed cuts off.
  static int strength(Trigger trigger) {
    return switch (trigger) {
      case POWER_OFF -> 3;
      case CONTAIN -> 2;
      case SUSPECT -> 1;
      default -> 0;
    };
  }

  /// Whether frames have to be looked at.
  boolean needFrames() {
    return signs.stream().anyMatch(one -> one.on() == Cause.SCAN || one.on() == Cause.RATE);
  }
}
