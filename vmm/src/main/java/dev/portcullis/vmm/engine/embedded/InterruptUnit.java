package dev.portcullis.vmm.engine.embedded;

import dev.portcullis.driver.interrupt.InterruptBlock;
import dev.portcullis.driver.interrupt.InterruptTable;
import dev.portcullis.driver.interrupt.InterruptTarget;
import dev.portcullis.driver.interrupt.PostedInterrupts;
import dev.portcullis.driver.port.DriverException;
import dev.portcullis.guest.port.InterruptController;
import dev.portcullis.guest.port.InterruptVector;
import dev.portcullis.guest.port.PoweredOffError;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.spec.interrupt.CompatibilityFormat;
import dev.portcullis.vmm.interrupt.Delivery;
import dev.portcullis.vmm.interrupt.InterruptRouter;
import dev.portcullis.vmm.interrupt.Routes;
import dev.portcullis.vmm.interrupt.Traffic;
import dev.portcullis.vmm.interrupt.Way;
import java.util.BitSet;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/// The interrupt controller of an embedded partition: vectors for its software, one thread that
/// runs their handlers.
///
/// Interrupts of assigned functions are posted where the unit can: it sets the vector's bit in the
/// partition's descriptor and tells the monitor once, however many follow. Where it cannot, or is
/// not to, entries in remapped format send each vector to the partition's own destination. Both are
/// taken all the time, so that one may follow the other.
public final class InterruptUnit implements InterruptController, Delivery, AutoCloseable {
  private static final int FIRST_VECTOR = 0x20;
  private static final int VECTORS = 256;

  /// What tells of posted interrupts; no handler has it.
  private static final int NOTIFICATION = 0xff;

  private static final long MESSAGE_ADDRESS = 0xfee0_0000L;

  private final InterruptRouter router;
  private final int destination;
  private final Optional<PostedInterrupts> posted;
  private final AtomicReferenceArray<Runnable> handlers = new AtomicReferenceArray<>(VECTORS);
  private final Routes routes;
  private final BitSet pending = new BitSet(VECTORS);

  /// Whether some of [#pending] came by remapped entries; under its lock, too.
  private boolean hasRemapped;

  private final LongAdder remapped = new LongAdder();
  private final LongAdder told = new LongAdder();
  private final LongAdder rounds = new LongAdder();
  private final LongAdder taken = new LongAdder();
  private final Semaphore work = new Semaphore(0);
  private final Thread thread;
  private volatile Consumer<Throwable> onCrash = thrown -> {};
  private volatile boolean closed;

  /// @param name of the partition
  /// @param table the unit's, if it remaps interrupts
  /// @param posting whether it can post them
  /// @throws DriverException if there is no page for the descriptor
  public InterruptUnit(
      String name, InterruptRouter router, Optional<InterruptTable> table, Posting posting)
      throws DriverException {
    this.router = router;
    this.destination = router.add(this::interrupt);
    this.posted =
        table.isPresent() && posting == Posting.OFFERED
            ? Optional.of(table.get().newDescriptor(NOTIFICATION, destination))
            : Optional.empty();
    this.routes =
        new Routes(posted.isPresent() ? Way.POSTED : Way.REMAPPED, to -> posted.orElseThrow());
    this.thread = Thread.ofPlatform().daemon().name(name + " interrupts").start(this::run);
  }

  /// Whether the unit can post interrupts.
  public enum Posting {
    OFFERED,
    ABSENT
  }

  /// Has `listener` told what handlers throw.
  void onCrash(Consumer<Throwable> listener) {
    onCrash = listener;
  }

  /// Takes back all vectors: their software is gone.
  void forgetHandlers() {
    for (int vector = FIRST_VECTOR; vector < VECTORS; vector++) {
      handlers.set(vector, null);
    }
  }

  @Override
  public InterruptVector connect(Runnable handler) {
    for (int vector = FIRST_VECTOR; vector < NOTIFICATION; vector++) {
      if (handlers.compareAndSet(vector, null, handler)) {
        return new Connected(vector);
      }
    }
    throw new IllegalStateException("all vectors are given out");
  }

  private final class Connected implements InterruptVector {
    private final int vector;

    private Connected(int vector) {
      this.vector = vector;
    }

    @Override
    public long address() {
      return MESSAGE_ADDRESS;
    }

    @Override
    public int data() {
      return vector;
    }

    @Override
    public void close() {
      handlers.set(vector, null);
    }
  }

  @Override
  public void connect(InterruptBlock block, int number, RequesterId source, long address, int data)
      throws DriverException {
    int vector = CompatibilityFormat.VECTOR.intOf(data);
    routes.connect(block, number, source, InterruptTarget.of(vector, destination));
  }

  /// Its vectors were the drivers': they give them back themselves.
  @Override
  public void disconnect(RequesterId source) {
    routes.disconnect(source);
  }

  @Override
  public void inject(long address, int data) {
    raise(CompatibilityFormat.VECTOR.intOf(data));
  }

  @Override
  public Way way() {
    return routes.way();
  }

  @Override
  public Optional<String> obstacle(Way way) {
    if (way == Way.REMAPPED || posted.filter(PostedInterrupts::isInLowHalf).isPresent()) {
      return Optional.empty();
    }
    return Optional.of(
        posted.isPresent()
            ? "entries could not be replaced in one access"
            : "the unit does not post interrupts");
  }

  @Override
  public void deliver(Way way) throws DriverException {
    routes.deliver(way);
  }

  @Override
  public Traffic traffic() {
    return new Traffic(remapped.sum(), rounds.sum(), taken.sum(), told.sum());
  }

  private void interrupt(int vector) {
    if (vector == NOTIFICATION) {
      told.increment();
      work.release();
    } else {
      remapped.increment();
      synchronized (pending) {
        pending.set(vector);
        hasRemapped = true;
      }
      work.release();
    }
  }

  private void raise(int vector) {
    synchronized (pending) {
      pending.set(vector);
    }
    work.release();
  }

  private void run() {
    while (!closed) {
      try {
        work.acquire();
        work.drainPermits();
        BitSet due = take();
        due.stream().forEach(this::handle);
      } catch (InterruptedException | DriverException e) {
        if (!closed) {
          onCrash.accept(e);
        }
        return;
      }
    }
  }

  private BitSet take() throws DriverException {
    BitSet due = posted.isPresent() ? posted.get().take() : new BitSet();
    taken.add(due.cardinality());
    synchronized (pending) {
      due.or(pending);
      pending.clear();
      if (hasRemapped) {
        hasRemapped = false;
        rounds.increment();
      }
    }
    return due;
  }

  /// What a handler throws is the partition's trouble: the next interrupt finds the thread at work.
  private void handle(int vector) {
    Runnable handler = handlers.get(vector);
    if (handler != null && !closed) {
      try {
        handler.run();
      } catch (RuntimeException | PoweredOffError e) {
        onCrash.accept(e);
      }
    }
  }

  /// No handler runs any more when it returns, unless it is called by one. No entry of the
  /// interrupt table names the partition by then.
  @Override
  public void close() {
    closed = true;
    router.remove(destination);
    thread.interrupt();
    if (Thread.currentThread() != thread) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    posted.ifPresent(PostedInterrupts::close);
  }
}
