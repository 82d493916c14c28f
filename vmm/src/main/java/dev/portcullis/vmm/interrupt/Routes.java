package dev.portcullis.vmm.interrupt;

import dev.portcullis.driver.interrupt.InterruptBlock;
import dev.portcullis.driver.interrupt.InterruptBlock.Urgency;
import dev.portcullis.driver.interrupt.InterruptTarget;
import dev.portcullis.driver.interrupt.PostedInterrupts;
import dev.portcullis.driver.port.DriverException;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.spec.interrupt.SourceCheck;
import java.util.HashMap;
import java.util.Map;

/// The entries of the unit's table that lead to a partition, all in the same [Way].
///
/// The way is switched while interrupts come. An entry is replaced as a whole and the unit's cache
/// forgets the old one, which waits for interrupts that go by it: each is delivered in one way or
/// the other, and once. Who receives must take both all the time.
public final class Routes {
  private final Descriptors descriptors;
  private final Map<Source, Route> routes = new HashMap<>();
  private Way way;

  /// Where interrupts are posted.
  @FunctionalInterface
  public interface Descriptors {
    /// The descriptor whose interrupts `destination` is told of. It stays until no entry leads to
    /// the partition.
    ///
    /// @throws DriverException if there can be none
    PostedInterrupts of(int destination) throws DriverException;
  }

  private record Source(int requester, int number) {}

  private record Route(
      InterruptBlock block, int number, InterruptTarget target, SourceCheck check) {}

  /// No entries yet.
  ///
  /// @param way of those that come
  public Routes(Way way, Descriptors descriptors) {
    this.way = way;
    this.descriptors = descriptors;
  }

  /// Has interrupt `number` of `source` reach `target`.
  public synchronized void connect(
      InterruptBlock block, int number, RequesterId source, InterruptTarget target)
      throws DriverException {
    Route route = new Route(block, number, target, SourceCheck.requester(source.id()));
    switch (way) {
      case REMAPPED -> block.remap(number, target, route.check());
      case POSTED ->
          block.post(
              number,
              descriptors.of(target.destination()),
              target.vector(),
              Urgency.NORMAL,
              route.check());
    }
    routes.put(new Source(source.id(), number), route);
  }

  /// Has interrupt `number` of `source` refused.
  public synchronized void refuse(InterruptBlock block, int number, RequesterId source)
      throws DriverException {
    routes.remove(new Source(source.id(), number));
    block.clear(number);
  }

  /// Forgets the interrupts of `source`.
  public synchronized void disconnect(RequesterId source) {
    routes.keySet().removeIf(key -> key.requester() == source.id());
  }

  /// How entries lead to the partition.
  public synchronized Way way() {
    return way;
  }

  /// Has entries lead there in another way. Those that refuse, since their function was stopped, go
  /// on refusing.
  ///
  /// @throws DriverException if that fails; each interrupt is delivered in one of the ways then
  public synchronized void deliver(Way wanted) throws DriverException {
    if (way == wanted) {
      return;
    }
    for (Route route : routes.values()) {
      InterruptTarget target = route.target();
      switch (wanted) {
        case REMAPPED -> route.block().replaceByRemapped(route.number(), target, route.check());
        case POSTED ->
            route
                .block()
                .replaceByPosted(
                    route.number(),
                    descriptors.of(target.destination()),
                    target.vector(),
                    route.check());
      }
    }
    way = wanted;
  }
}
