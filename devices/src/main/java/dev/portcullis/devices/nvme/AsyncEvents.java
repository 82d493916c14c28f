package dev.portcullis.devices.nvme;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumSet;
import java.util.Set;

/// Brings events and the requests that wait for them together.
///
/// After an event of a type, further ones of that type wait until the host has read the log page.
/// An event that is there already is not there twice, so the host cannot pile them up.
///
/// @nvme 5.2 Asynchronous Event Request command
final class AsyncEvents {
  /// Requests that may wait at a time.
  static final int LIMIT = 4;

  private final Runnable wakeAdmin;
  private final Deque<Integer> requests = new ArrayDeque<>();
  private final Set<AsyncEvent> pending = EnumSet.noneOf(AsyncEvent.class);
  private final Set<AsyncEvent.Type> reported = EnumSet.noneOf(AsyncEvent.Type.class);

  /// @param wakeAdmin has the admin worker call [#deliver]
  AsyncEvents(Runnable wakeAdmin) {
    this.wakeAdmin = wakeAdmin;
  }

  /// Takes a request in.
  ///
  /// @return `false` if too many wait already
  synchronized boolean hold(int commandId) {
    if (requests.size() == LIMIT) {
      return false;
    }
    requests.add(commandId);
    return true;
  }

  /// Whether a request with this id waits.
  synchronized boolean holds(int commandId) {
    return requests.contains(commandId);
  }

  /// Forgets the request with this id.
  ///
  /// @return whether there was one
  synchronized boolean release(int commandId) {
    return requests.remove((Integer) commandId);
  }

  void raise(AsyncEvent event) {
    synchronized (this) {
      pending.add(event);
    }
    wakeAdmin.run();
  }

  /// The host has read the log page of this type.
  void acknowledge(AsyncEvent.Type type) {
    synchronized (this) {
      reported.remove(type);
      pending.removeIf(event -> event.type() == type);
    }
  }

  /// Ends requests as far as there are events for them.
  void deliver(Worker admin) {
    for (AsyncEvent event = due(); event != null; event = due()) {
      admin.post(take(event), Status.SUCCESS, event.dword0());
    }
  }

  private synchronized AsyncEvent due() {
    if (requests.isEmpty()) {
      return null;
    }
    return pending.stream().filter(e -> !reported.contains(e.type())).findFirst().orElse(null);
  }

  private synchronized int take(AsyncEvent event) {
    pending.remove(event);
    reported.add(event.type());
    return requests.remove();
  }
}
