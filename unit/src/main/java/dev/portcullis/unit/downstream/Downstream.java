package dev.portcullis.unit.downstream;

import dev.portcullis.pci.DownstreamPort;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/// Messages on their way to functions: put in under the unit's locks, sent after they are given
/// back, in order.
///
/// One thread sends at a time. Another one that comes to send, or the same from within a function's
/// answer, leaves its messages to the first: nobody waits.
public final class Downstream {
  private final Queue<Consumer<DownstreamPort>> messages = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean sending = new AtomicBoolean();
  private volatile DownstreamPort port = DownstreamPort.unplugged();

  /// A way that leads nowhere.
  public Downstream() {}

  /// Leads to `functions` from now on.
  public void connect(DownstreamPort functions) {
    port = functions;
  }

  /// Puts a message in; the thread that does flushes soon.
  public void post(Consumer<DownstreamPort> message) {
    messages.add(message);
  }

  /// Sends what is there. To be called without any lock.
  public void flush() {
    while (!messages.isEmpty() && sending.compareAndSet(false, true)) {
      try {
        for (var message = messages.poll(); message != null; message = messages.poll()) {
          message.accept(port);
        }
      } finally {
        sending.set(false);
      }
    }
  }

  /// Forgets what has not been sent.
  public void clear() {
    messages.clear();
  }
}
