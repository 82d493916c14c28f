package dev.portcullis.vmm.interrupt;

import dev.portcullis.spec.interrupt.CompatibilityFormat;
import dev.portcullis.unit.event.MessageSink;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;

/// Where messages end that the unit lets through: each destination, a local APIC's id, stands for a
/// partition or for the monitor itself.
public final class InterruptRouter implements MessageSink {
  /// The destination of the monitor's own interrupts.
  public static final int MONITOR = 0;

  private static final int DESTINATIONS = 255;

  private final AtomicReferenceArray<Receiver> receivers = new AtomicReferenceArray<>(DESTINATIONS);
  private final LongAdder lost = new LongAdder();

  /// Takes the interrupts of one destination.
  public interface Receiver {
    /// Returns at once; waits for no unit.
    ///
    /// @param vector 0 to 255
    void interrupt(int vector);
  }

  /// No receivers yet.
  public InterruptRouter() {}

  /// Has `receiver` take the interrupts of the monitor itself.
  public void receiveOwn(Receiver receiver) {
    receivers.set(MONITOR, receiver);
  }

  /// A destination for `receiver`.
  ///
  /// @return its number, 1 to 254
  /// @throws IllegalStateException if none is left
  public int add(Receiver receiver) {
    for (int id = MONITOR + 1; id < DESTINATIONS; id++) {
      if (receivers.compareAndSet(id, null, receiver)) {
        return id;
      }
    }
    throw new IllegalStateException("no interrupt destination is left");
  }

  /// Frees a destination: what still comes for it is lost.
  public void remove(int destination) {
    receivers.set(destination, null);
  }

  @Override
  public void send(long address, int data) {
    int destination = CompatibilityFormat.DEST.intOf(address);
    Receiver receiver = destination < DESTINATIONS ? receivers.get(destination) : null;
    if (receiver == null) {
      lost.increment();
    } else {
      receiver.interrupt(CompatibilityFormat.VECTOR.intOf(data));
    }
  }

  /// Messages that nobody took.
  public long lost() {
    return lost.sum();
  }
}
