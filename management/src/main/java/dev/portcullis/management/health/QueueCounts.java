package dev.portcullis.management.health;

import dev.portcullis.devices.queue.QueueLoad;
import dev.portcullis.devices.queue.QueuedFunction;
import dev.portcullis.machine.chassis.Chassis;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.vmm.VmmException;
import dev.portcullis.vmm.VmmException.Reason;
import dev.portcullis.vmm.assign.Assignment;
import dev.portcullis.vmm.event.Subject;
import dev.portcullis.vmm.platform.RunningPlatform;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Has functions offer as many pairs of queues as are used, or more where all are full.
///
/// What a function offers changes when it is reset: its software relies on what it was told.
final class QueueCounts implements Tuning {
  /// With fewer requests there is little to conclude from.
  static final int LEAST_REQUESTS = 1000;

  private static final int LEAST_LOOKS = 100;
  private static final String ID = "queues-";

  private final RunningPlatform platform;
  private final Map<String, Change> changes = new LinkedHashMap<>();
  private final Map<RequesterId, Start> starts = new HashMap<>();

  /// A change that was made.
  private record Change(Place place, int before, String text) {}

  /// What had been counted when a function was first seen to offer so many.
  private record Start(int pairs, List<QueueLoad> loads) {}

  /// A function of a partition.
  ///
  /// @param processors of the partition
  private record Place(
      String name,
      RequesterId at,
      QueuedFunction function,
      Optional<String> partition,
      int processors) {
    private Subject subject() {
      return Subject.of(at, partition);
    }
  }

  QueueCounts(RunningPlatform platform) {
    this.platform = platform;
  }

  @Override
  public List<Advice> advice() throws VmmException {
    List<Advice> all = new ArrayList<>();
    for (Place place : places()) {
      all.add(of(place));
    }
    return all;
  }

  private List<Place> places() throws VmmException {
    List<Place> all = new ArrayList<>();
    for (Chassis.Slot slot : platform.chassis().slots()) {
      Optional<Assignment> assignment = platform.lvmm().assignments().at(slot.at());
      if (slot.function() instanceof QueuedFunction function
          && function.mostPairs() > 1
          && assignment.isPresent()) {
        String partition = assignment.get().partition().name();
        all.add(
            new Place(
                platform.description().nameOf(slot.at()),
                slot.at(),
                function,
                Optional.of(partition),
                platform.partition(partition).engine().processors()));
      }
    }
    return all;
  }

  private Advice of(Place place) {
    String id = ID + place.name();
    QueuedFunction function = place.function();
    List<QueueLoad> loads = loads(place);
    String measured = measured(function.pairs(), loads);
    Change change = changes.get(id);
    if (change != null) {
      String when =
          function.pairs() == function.pairsAfterReset()
              ? "; before, "
              : "; %d from its next reset on, at the latest when its partition begins anew; before, "
                  .formatted(function.pairsAfterReset());
      return new Advice(id, place.name(), Advice.State.APPLIED, measured + when + change.text());
    }
    int better = better(function.pairs(), limit(place), loads);
    return better == function.pairs()
        ? new Advice("", place.name(), Advice.State.KEPT, measured)
        : new Advice(
            id,
            place.name(),
            Advice.State.OFFERED,
            "%s; %d would do better, from its next reset on".formatted(measured, better));
  }

  private static int limit(Place place) {
    return Math.min(place.function().mostPairs(), place.processors());
  }

  /// Of the pairs that there may be now.
  private List<QueueLoad> loads(Place place) {
    QueuedFunction function = place.function();
    List<QueueLoad> now = function.loads();
    Start start = starts.get(place.at());
    if (start == null || start.pairs() != function.pairs()) {
      List<QueueLoad> none = now.stream().map(_ -> QueueLoad.NONE).toList();
      start = new Start(function.pairs(), start == null ? none : now);
      starts.put(place.at(), start);
    }
    List<QueueLoad> since = new ArrayList<>();
    for (int pair = 0; pair < function.pairs(); pair++) {
      since.add(now.get(pair).since(start.loads().get(pair)));
    }
    return since;
  }

  /// How many there should be.
  ///
  /// @param limit how many it could have
  static int better(int pairs, int limit, List<QueueLoad> loads) {
    long requests = loads.stream().mapToLong(QueueLoad::requests).sum();
    int used = used(loads);
    if (requests < LEAST_REQUESTS) {
      return pairs;
    }
    if (used < pairs) {
      return used;
    }
    boolean allFull = loads.stream().allMatch(QueueCounts::isFull);
    return allFull ? Math.max(pairs, Math.min(2 * pairs, limit)) : pairs;
  }

  /// Those up to the last that was used: they are used in order, from the first on.
  private static int used(List<QueueLoad> loads) {
    int used = loads.size();
    while (used > 1 && loads.get(used - 1).requests() == 0) {
      used--;
    }
    return used;
  }

  private static boolean isFull(QueueLoad load) {
    return load.looks() >= LEAST_LOOKS && load.full() * 10 >= load.looks() * 9;
  }

  private static String measured(int pairs, List<QueueLoad> loads) {
    QueueLoad all = QueueLoad.NONE;
    for (QueueLoad load : loads) {
      all =
          new QueueLoad(
              all.looks() + load.looks(),
              all.full() + load.full(),
              all.requests() + load.requests(),
              all.bytes() + load.bytes());
    }
    long busy = loads.stream().filter(load -> load.requests() > 0).count();
    return "of %d pairs of queues %d were used: %,d requests, %,d bytes; full at %,d of %,d looks"
        .formatted(pairs, busy, all.requests(), all.bytes(), all.full(), all.looks());
  }

  @Override
  public Done apply(Advice advice) throws VmmException {
    Place place =
        places().stream()
            .filter(one -> one.name().equals(advice.subject()))
            .findFirst()
            .orElseThrow(
                () -> new VmmException(Reason.UNKNOWN, advice.subject() + " is nobody's any more"));
    int before = place.function().pairsAfterReset();
    place.function().offerAfterReset(better(place.function().pairs(), limit(place), loads(place)));
    changes.put(advice.id(), new Change(place, before, advice.text()));
    return new Done(place.subject(), advice.text());
  }

  @Override
  public Collection<String> changes() {
    return changes.keySet();
  }

  @Override
  public Done revert(String id) {
    Change change = changes.remove(id);
    QueuedFunction function = change.place().function();
    function.offerAfterReset(change.before());
    return new Done(
        change.place().subject(),
        "%d pairs of queues%s"
            .formatted(
                change.before(),
                function.pairs() == change.before() ? "" : " from its next reset on"));
  }
}
