package dev.portcullis.vmm.engine.qemu;

import dev.portcullis.driver.interrupt.InterruptBlock;
import dev.portcullis.driver.interrupt.InterruptTarget;
import dev.portcullis.driver.port.DriverException;
import dev.portcullis.driver.port.DriverException.Reason;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.spec.interrupt.CompatibilityFormat;
import dev.portcullis.spec.interrupt.SourceCheck;
import dev.portcullis.vmm.interrupt.Delivery;
import dev.portcullis.vmm.interrupt.InterruptRouter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;

/// Brings interrupts of assigned functions to an interrupt controller that is in another process.
///
/// ```
///   function ── entry of the unit's table ──▶ vector of ours ──▶ queue ──▶ gate: the guest's
///                (from this function only)                     (a thread)      own message
/// ```
///
/// Each interrupt has a vector of the monitor's for itself, whatever vector the guest has chosen. A
/// guest that takes nothing holds up its own queue and nobody else; the queue is no longer than
/// there are interrupts, since one that waits already waits once.
final class InterruptInjector implements Delivery, AutoCloseable {
  private static final int FIRST_VECTOR = 0x20;
  private static final int VECTORS = 256;

  /// How many interrupts of functions that the monitor plays wait at most.
  private static final int MOST_WAITING = 4096;

  private final InterruptRouter router;
  private final Gate gate;
  private final Map<Source, Line> lines = new HashMap<>();
  private final List<Destination> destinations = new ArrayList<>();
  private final LinkedBlockingQueue<Line> waiting = new LinkedBlockingQueue<>();
  private final LongAdder injected = new LongAdder();
  private final LongAdder lost = new LongAdder();
  private final Thread thread;

  /// The guest's interrupt controller.
  @FunctionalInterface
  interface Gate {
    /// @return whether it took the message
    boolean post(long address, int data);
  }

  private record Source(int requester, int number) {}

  /// @param name of the partition
  InterruptInjector(String name, InterruptRouter router, Gate gate) {
    this.router = router;
    this.gate = gate;
    thread = Thread.ofPlatform().daemon().name(name + " interrupts").start(this::run);
  }

  /// A message that is no interrupt, but a write to the guest's memory, is refused.
  @Override
  public synchronized void connect(
      InterruptBlock block, int number, RequesterId source, long address, int data)
      throws DriverException {
    if (!isInterrupt(address)) {
      block.clear(number);
      return;
    }
    Source key = new Source(source.id(), number);
    Line line = lines.get(key);
    if (line == null) {
      line = takeLine();
      lines.put(key, line);
    }
    line.message = new Message(address, data);
    block.remap(
        number,
        InterruptTarget.of(line.vector, line.destination),
        SourceCheck.requester(source.id()));
  }

  private static boolean isInterrupt(long address) {
    return address >>> CompatibilityFormat.PREFIX.lsb() == CompatibilityFormat.PREFIX_VALUE
        && !CompatibilityFormat.FORMAT.isSet(address);
  }

  private Line takeLine() throws DriverException {
    for (Destination one : destinations) {
      for (int vector = FIRST_VECTOR; vector < VECTORS; vector++) {
        Line line = new Line(one.id, vector);
        if (one.lines.compareAndSet(vector, null, line)) {
          return line;
        }
      }
    }
    try {
      destinations.add(new Destination());
    } catch (IllegalStateException e) {
      throw new DriverException(Reason.OUT_OF_INTERRUPTS, e.getMessage());
    }
    return takeLine();
  }

  /// What waits of them never arrives.
  @Override
  public synchronized void disconnect(RequesterId source) {
    lines
        .entrySet()
        .removeIf(entry -> {
          boolean gone = entry.getKey().requester() == source.id();
          if (gone) {
            entry.getValue().giveBack();
          }
          return gone;
        });
  }

  @Override
  public void inject(long address, int data) {
    if (waiting.size() >= MOST_WAITING) {
      lost.increment();
      return;
    }
    Line line = new Line(InterruptRouter.MONITOR, 0);
    line.message = new Message(address, data);
    line.arrived();
  }

  /// One of the router's destinations, and what its vectors stand for.
  private final class Destination {
    private final AtomicReferenceArray<Line> lines = new AtomicReferenceArray<>(VECTORS);
    private final int id = router.add(this::interrupt);

    private void interrupt(int vector) {
      Line line = lines.get(vector);
      if (line != null) {
        line.arrived();
      }
    }
  }

  private record Message(long address, int data) {}

  private final class Line {
    private final int destination;
    private final int vector;
    private final AtomicBoolean isWaiting = new AtomicBoolean();
    private volatile Message message;

    Line(int destination, int vector) {
      this.destination = destination;
      this.vector = vector;
    }

    private void arrived() {
      if (!isWaiting.getAndSet(true)) {
        waiting.add(this);
      }
    }

    private void giveBack() {
      waiting.remove(this);
      for (Destination one : destinations) {
        one.lines.compareAndSet(vector, this, null);
      }
    }
  }

  private void run() {
    try {
      while (true) {
        Line line = waiting.take();
        // First: what comes from now on is another interrupt.
        line.isWaiting.set(false);
        Message message = line.message;
        (gate.post(message.address(), message.data()) ? injected : lost).increment();
      }
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
    }
  }

  /// Interrupts that the guest took.
  long injected() {
    return injected.sum();
  }

  /// Interrupts that the guest did not take: it is off, or lets no function be a bus master.
  long lost() {
    return lost.sum();
  }

  /// Nothing is injected any more. No entry of the unit's table names the partition by now.
  @Override
  public synchronized void close() {
    destinations.forEach(one -> router.remove(one.id));
    thread.interrupt();
  }
}
