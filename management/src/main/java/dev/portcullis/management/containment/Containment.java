package dev.portcullis.management.containment;

import dev.portcullis.management.enforcement.Enforcement;
import dev.portcullis.management.enforcement.Enforcement.Demander;
import dev.portcullis.management.enforcement.NetworkAccess;
import dev.portcullis.management.state.StateException;
import dev.portcullis.management.state.StateStore;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Where each partition stands, kept such that it is the same after a sudden end.
///
/// A partition's access is never wider than its state allows: what narrows is kept, then demanded,
/// then said; what widens is kept and said, then demanded. What cannot be kept does not widen; it
/// narrows all the same, and is kept as soon as the disk takes it. What was kept and is damaged
/// counts as POWERED_OFF.
final class Containment {
  private final ContainmentDescription description;
  private final StateStore store;
  private final Enforcement enforcement;
  private final Outside outside;
  private final InstantSource clock;
  private final Map<String, Standing> standings = new LinkedHashMap<>();

  /// Partitions whose standing the disk does not have yet.
  private final Set<String> unkept = new HashSet<>();

  /// What is done elsewhere. No call may come back here, or wait.
  interface Outside {
    /// A partition stands elsewhere.
    void changed(String partition, ContainmentState from, Trigger trigger, Standing to);

    /// A change was refused.
    void refused(String partition, String why);

    /// Something could not be done.
    void trouble(String what);

    /// A partition must be off.
    void powerOff(String partition);
  }

  /// Every partition stands where it stood, and has the access of that.
  Containment(
      ContainmentDescription description,
      StateStore store,
      Enforcement enforcement,
      Outside outside,
      InstantSource clock) {
    this.description = description;
    this.store = store;
    this.enforcement = enforcement;
    this.outside = outside;
    this.clock = clock;
    description.partitions().forEach(this::begin);
  }

  /// Under which a partition's standing is kept.
  static String key(String partition) {
    return "containment." + partition;
  }

  /// From now on a partition stands somewhere: where it stood when it was there last.
  synchronized void begin(String partition) {
    Standing standing = read(partition);
    standings.put(partition, standing);
    demand(partition, standing);
    if (standing.state() == ContainmentState.POWERED_OFF) {
      outside.powerOff(partition);
    }
  }

  /// A partition is gone. Where it stood is kept, should it come again.
  synchronized void end(String partition) {
    unkept.remove(partition);
    standings.remove(partition);
  }

  /// Those that stand somewhere.
  synchronized List<String> partitions() {
    return List.copyOf(standings.keySet());
  }

  private Standing read(String partition) {
    try {
      Optional<String> kept = store.read(key(partition));
      return kept.isPresent()
          ? Standing.decode(kept.get())
          : new Standing(ContainmentState.NORMAL, clock.instant(), "nothing is held against it");
    } catch (StateException e) {
      outside.trouble("containment of partition " + partition + ": " + e.getMessage());
      return new Standing(
          ContainmentState.POWERED_OFF, clock.instant(), "nobody knows how it stood");
    }
  }

  private void demand(String partition, Standing standing) {
    try {
      enforcement.demand(
          Demander.CONTAINMENT,
          partition,
          NetworkAccess.of(
              standing.state().access(), standing.state().word() + ": " + standing.reason()));
    } catch (StateException e) {
      outside.trouble("containment of partition " + partition + ": " + e.getMessage());
    }
  }

  /// Has a trigger do what it does. One that leads nowhere stricter than here does nothing.
  ///
  /// @throws RefusedTransitionException if it must not come now; that was told
  /// @throws StateException if what widens cannot be kept: nothing has changed then
  synchronized void apply(String partition, Trigger trigger, String reason)
      throws RefusedTransitionException, StateException {
    Standing now = standings.get(partition);
    if (now == null) {
      throw new RefusedTransitionException("partition " + partition + " cannot be contained");
    }
    Optional<ContainmentState> next = now.state().after(trigger, description.afterSuspicion());
    if (next.isEmpty()) {
      String why =
          "partition %s is %s: %s is not possible"
              .formatted(partition, now.state().word(), trigger.word());
      outside.refused(partition, why);
      throw new RefusedTransitionException(why);
    }
    if (next.get() != now.state()) {
      change(partition, now, trigger, new Standing(next.get(), clock.instant(), reason));
    }
  }

  private void change(String partition, Standing from, Trigger trigger, Standing to)
      throws StateException {
    boolean narrows = to.state().isNoWiderThan(from.state());
    try {
      store.write(key(partition), to.encode());
      unkept.remove(partition);
    } catch (StateException e) {
      outside.trouble("containment of partition " + partition + ": " + e.getMessage());
      if (!narrows) {
        throw e;
      }
      unkept.add(partition);
    }
    if (narrows) {
      demand(partition, to);
      standings.put(partition, to);
    } else {
      standings.put(partition, to);
      demand(partition, to);
    }
    outside.changed(partition, from.state(), trigger, to);
    if (to.state() == ContainmentState.POWERED_OFF) {
      outside.powerOff(partition);
    }
  }

  /// Does what is due: states whose time is up, and those that could not be kept.
  synchronized void expire() {
    unkept.removeIf(this::isKept);
    for (String partition : partitions()) {
      Standing now = standings.get(partition);
      Optional<Duration> limit = description.limit(now.state());
      if (now.until(limit).filter(end -> !clock.instant().isBefore(end)).isPresent()) {
        expire(partition, now);
      }
    }
  }

  private boolean isKept(String partition) {
    try {
      store.write(key(partition), standings.get(partition).encode());
      return true;
    } catch (StateException e) {
      // That was told when it was first tried.
      return false;
    }
  }

  private void expire(String partition, Standing now) {
    try {
      apply(
          partition, Trigger.EXPIRE, "it was " + now.state().word() + " for longer than it may be");
    } catch (RefusedTransitionException | StateException e) {
      // Told; tried again.
    }
  }

  /// When a partition's state ends by itself, if it does.
  synchronized Optional<Instant> until(String partition) {
    Standing now = standings.get(partition);
    return now == null ? Optional.empty() : now.until(description.limit(now.state()));
  }

  /// Where a partition stands; nothing for one that cannot be contained.
  synchronized Optional<Standing> of(String partition) {
    return Optional.ofNullable(standings.get(partition));
  }
}
