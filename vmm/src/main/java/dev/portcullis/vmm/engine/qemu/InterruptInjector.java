package dev.portcullis.vmm.engine.qemu;

import dev.portcullis.driver.interrupt.InterruptBlock;
import dev.portcullis.driver.interrupt.InterruptTable;
import dev.portcullis.driver.interrupt.InterruptTarget;
import dev.portcullis.driver.interrupt.PostedInterrupts;
import dev.portcullis.driver.port.DriverException;
import dev.portcullis.driver.port.DriverException.Reason;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.spec.interrupt.CompatibilityFormat;
import dev.portcullis.vmm.interrupt.Delivery;
import dev.portcullis.vmm.interrupt.InterruptRouter;
import dev.portcullis.vmm.interrupt.Routes;
import dev.portcullis.vmm.interrupt.Traffic;
import dev.portcullis.vmm.interrupt.Way;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
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
/// The vector comes as a message, or as a bit of a descriptor that the thread is told of.
///
/// Each interrupt has a vector of the monitor's for itself, whatever vector the guest has chosen. A
/// guest that takes nothing holds up its own queue and nobody else; the queue is no longer than
/// there are interrupts, since one that waits already waits once.
final class InterruptInjector implements Delivery, AutoCloseable {
  private static final int FIRST_VECTOR = 0x20;
  private static final int VECTORS = 256;

  /// What tells of posted interrupts; no line has it.
  private static final int NOTIFICATION = 0xff;

  /// How many interrupts of functions that the monitor plays wait at most.
  private static final int MOST_WAITING = 4096;

  private final InterruptRouter router;
  private final Gate gate;
  private final Map<Source, Line> lines = new HashMap<>();
  private final List<Destination> destinations = new CopyOnWriteArrayList<>();
  private final Optional<InterruptTable> postingTable;
  private final Routes routes = new Routes(Way.REMAPPED, this::descriptorOf);
  private final LinkedBlockingQueue<Waiting> waiting = new LinkedBlockingQueue<>();
  private final LongAdder remapped = new LongAdder();
  private final LongAdder told = new LongAdder();
  private final LongAdder rounds = new LongAdder();
  private final LongAdder taken = new LongAdder();

  /// Whether the thread has just found something after there was nothing; its own.
  private boolean isNewRound;

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

  /// What the thread has to do.
  private interface Waiting {
    /// @throws DriverException if memory cannot be read
    void run() throws DriverException;
  }

  /// @param name of the partition
  /// @param postingTable the unit's, if it can post interrupts
  InterruptInjector(
      String name, InterruptRouter router, Optional<InterruptTable> postingTable, Gate gate) {
    this.router = router;
    this.postingTable = postingTable;
    this.gate = gate;
    thread = Thread.ofPlatform().daemon().name(name + " interrupts").start(this::run);
  }

  /// A message that is no interrupt, but a write to the guest's memory, is refused.
  @Override
  public synchronized void connect(
      InterruptBlock block, int number, RequesterId source, long address, int data)
      throws DriverException {
    if (!isInterrupt(address)) {
      routes.refuse(block, number, source);
      return;
    }
    Source key = new Source(source.id(), number);
    Line line = lines.get(key);
    if (line == null) {
      line = takeLine();
      lines.put(key, line);
    }
    line.message = new Message(address, data);
    routes.connect(block, number, source, InterruptTarget.of(line.vector, line.destination));
  }

  private static boolean isInterrupt(long address) {
    return address >>> CompatibilityFormat.PREFIX.lsb() == CompatibilityFormat.PREFIX_VALUE
        && !CompatibilityFormat.FORMAT.isSet(address);
  }

  private Line takeLine() throws DriverException {
    for (Destination one : destinations) {
      for (int vector = FIRST_VECTOR; vector < NOTIFICATION; vector++) {
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
    routes.disconnect(source);
    sweep();
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

  /// Whoever has a line next gets nothing that was posted for another.
  private void sweep() {
    try {
      for (Destination one : destinations) {
        one.sweep();
      }
    } catch (DriverException e) {
      throw new AssertionError("the monitor's own memory is there", e);
    }
  }

  @Override
  public Way way() {
    return routes.way();
  }

  @Override
  public synchronized Optional<String> obstacle(Way way) {
    if (way == Way.POSTED && postingTable.isEmpty()) {
      return Optional.of("the unit does not post interrupts");
    }
    boolean isFar = destinations.stream().anyMatch(Destination::isFar);
    return isFar ? Optional.of("entries could not be replaced in one access") : Optional.empty();
  }

  @Override
  public synchronized void deliver(Way way) throws DriverException {
    if (obstacle(way).isPresent()) {
      throw new DriverException(Reason.UNSUPPORTED, obstacle(way).get());
    }
    routes.deliver(way);
  }

  private PostedInterrupts descriptorOf(int destination) throws DriverException {
    for (Destination one : destinations) {
      if (one.id == destination) {
        return one.descriptor();
      }
    }
    throw new AssertionError("nobody has destination " + destination);
  }

  @Override
  public Traffic traffic() {
    return new Traffic(remapped.sum(), rounds.sum(), taken.sum(), told.sum());
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
  private final class Destination implements Waiting {
    private final AtomicReferenceArray<Line> lines = new AtomicReferenceArray<>(VECTORS);
    private final AtomicBoolean isWaiting = new AtomicBoolean();
    private final int id = router.add(this::interrupt);

    /// Where interrupts are posted, once they were for the first time.
    private volatile PostedInterrupts descriptor;

    private PostedInterrupts descriptor() throws DriverException {
      if (descriptor == null) {
        descriptor = postingTable.orElseThrow().newDescriptor(NOTIFICATION, id);
      }
      return descriptor;
    }

    private boolean isFar() {
      return descriptor != null && !descriptor.isInLowHalf();
    }

    private void interrupt(int vector) {
      if (vector == NOTIFICATION) {
        told.increment();
        if (!isWaiting.getAndSet(true)) {
          waiting.add(this);
        }
      } else {
        remapped.increment();
        Line line = lines.get(vector);
        if (line != null) {
          line.arrived();
        }
      }
    }

    @Override
    public void run() throws DriverException {
      // First: what is posted from now on is told again.
      isWaiting.set(false);
      isNewRound = false;
      sweep();
    }

    /// Has the lines that were posted wait, with those that came as messages.
    private void sweep() throws DriverException {
      if (descriptor == null) {
        return;
      }
      BitSet due = descriptor.take();
      taken.add(due.cardinality());
      for (int vector = due.nextSetBit(0); vector >= 0; vector = due.nextSetBit(vector + 1)) {
        Line line = lines.get(vector);
        if (line != null) {
          line.arrived();
        }
      }
    }
  }

  private record Message(long address, int data) {}

  private final class Line implements Waiting {
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

    @Override
    public void run() {
      // First: what comes from now on is another interrupt.
      isWaiting.set(false);
      if (isNewRound && destination != InterruptRouter.MONITOR) {
        isNewRound = false;
        rounds.increment();
      }
      Message now = message;
      (gate.post(now.address(), now.data()) ? injected : lost).increment();
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
        Waiting next = waiting.poll();
        if (next == null) {
          next = waiting.take();
          isNewRound = true;
        }
        next.run();
      }
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
    } catch (DriverException e) {
      throw new AssertionError("the monitor's own memory is there", e);
    } finally {
      giveBackDescriptors();
    }
  }

  /// Here, since the thread reads them.
  private synchronized void giveBackDescriptors() {
    for (Destination one : destinations) {
      if (one.descriptor != null) {
        one.descriptor.close();
      }
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
