package dev.portcullis.machine.wiring;

import dev.portcullis.unit.event.MessageSink;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;

/// Where interrupt messages leave the machine: through one of the connections to whoever has the
/// interrupt controllers.
///
/// Which connection carries a message makes no difference to its receiver, so any that takes it
/// will do; a sender's own is tried first.
public final class InterruptSink {
  private final List<Gate> gates = new CopyOnWriteArrayList<>();
  private final LongAdder delivered = new LongAdder();
  private final LongAdder lost = new LongAdder();

  /// A connection that may carry a message.
  @FunctionalInterface
  public interface Gate {
    /// Takes the message, or does not: nobody is connected, or the function there is no bus master.
    ///
    /// @return whether it took it
    boolean post(long address, int data);
  }

  /// No connections yet.
  public InterruptSink() {}

  /// Adds a connection.
  public void add(Gate gate) {
    gates.add(gate);
  }

  /// A sink that tries `own` before the others.
  public MessageSink preferring(Gate own) {
    return (address, data) -> {
      if (own.post(address, data)) {
        delivered.increment();
      } else {
        deliver(address, data);
      }
    };
  }

  /// Sends a message through the first connection that takes it.
  public void deliver(long address, int data) {
    for (Gate gate : gates) {
      if (gate.post(address, data)) {
        delivered.increment();
        return;
      }
    }
    lost.increment();
  }

  /// Messages that a connection took.
  public long delivered() {
    return delivered.sum();
  }

  /// Messages that no connection took.
  public long lost() {
    return lost.sum();
  }
}
