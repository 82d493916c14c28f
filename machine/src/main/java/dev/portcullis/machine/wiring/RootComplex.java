package dev.portcullis.machine.wiring;

import dev.portcullis.memory.MemoryMap;
import dev.portcullis.pci.DownstreamPort;
import dev.portcullis.pci.InvalidateRequest;
import dev.portcullis.pci.PageResponse;
import dev.portcullis.pci.PciFunction;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.pci.UpstreamPort;
import dev.portcullis.unit.RemappingUnit;
import dev.portcullis.unit.event.MessageSink;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Where all upstream ports end: picks, for each requester, the unit that covers it; and brings
/// what units say to functions.
///
/// Functions may come and go while others work. A function that goes has been reset and pulled out
/// before: nothing of it is under way.
///
/// @vtd 8.3.1 Device Scope Structure
public final class RootComplex implements DownstreamPort {
  private final Map<RequesterId, RemappingUnit> covering = new ConcurrentHashMap<>();
  private final Map<Integer, PciFunction> functions = new ConcurrentHashMap<>();
  private final Set<RequesterId> shared = ConcurrentHashMap.newKeySet();
  private final BlockedRequests blocked = new BlockedRequests();

  /// Covers nobody.
  public RootComplex() {}

  /// Puts `requester` under `unit`, and brings what the unit says to its functions from now on.
  ///
  /// @throws IllegalArgumentException if a unit covers it already
  public void cover(RequesterId requester, RemappingUnit unit) {
    RemappingUnit before = covering.putIfAbsent(requester, unit);
    if (before != null && (before != unit || !shared.contains(requester))) {
      throw new IllegalArgumentException(requester + " is covered already");
    }
    unit.connect(this);
  }

  /// Puts the function at `at` under `unit`, whose requests carry `requester`: others' may, too.
  ///
  /// @throws IllegalArgumentException if another unit covers one of them already
  public void cover(RequesterId at, RequesterId requester, RemappingUnit unit) {
    cover(at, unit);
    if (!at.equals(requester)) {
      shared.add(requester);
      cover(requester, unit);
    }
  }

  /// The port of `requester`.
  ///
  /// @param memory what the requester's connection shows of physical memory
  /// @param interrupts where its interrupts go when its unit has let them through
  /// @throws IllegalArgumentException if no unit covers it
  public UpstreamPort portOf(RequesterId requester, MemoryMap memory, MessageSink interrupts) {
    return portOf(requester, memory, interrupts, blocked);
  }

  /// The same for one whose refused requests are not counted with those of the others.
  ///
  /// @param refused what counts them
  public UpstreamPort portOf(
      RequesterId requester, MemoryMap memory, MessageSink interrupts, BlockedRequests refused) {
    RemappingUnit unit = covering.get(requester);
    if (unit == null) {
      throw new IllegalArgumentException("no unit covers " + requester);
    }
    return new RemappedPort(requester.id(), unit, memory, interrupts, refused);
  }

  /// Has what units say to `requester` brought to `function`.
  ///
  /// @throws IllegalArgumentException if there is a function already
  public void plug(RequesterId requester, PciFunction function) {
    if (functions.putIfAbsent(requester.id(), function) != null) {
      throw new IllegalArgumentException(requester + " is plugged in already");
    }
  }

  /// Forgets `requester`: no unit covers it, and what units say to it is brought to nobody.
  public void remove(RequesterId requester) {
    functions.remove(requester.id());
    covering.remove(requester);
  }

  @Override
  public boolean invalidate(int requesterId, InvalidateRequest request) {
    PciFunction function = functions.get(requesterId);
    return function != null && function.invalidate(request);
  }

  @Override
  public void respond(int requesterId, PageResponse response) {
    PciFunction function = functions.get(requesterId);
    if (function != null) {
      function.respond(response);
    }
  }

  /// The requests that units have refused.
  public BlockedRequests blocked() {
    return blocked;
  }
}
