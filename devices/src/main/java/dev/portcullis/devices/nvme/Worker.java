package dev.portcullis.devices.nvme;

import dev.portcullis.devices.queue.QueueCounter;
import dev.portcullis.devices.thread.Threads;
import dev.portcullis.pci.UpstreamPort;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;
import java.util.concurrent.locks.LockSupport;

/// The thread that empties one submission queue: fetches a batch, executes it command by command,
/// posts each end, interrupts once.
final class Worker implements Runnable {
  /// Entries fetched at once.
  private static final int BATCH = 32;

  /// After so many bytes moved the host hears of what is done, though the batch is not.
  private static final int BYTES_PER_INTERRUPT = 128 << 10;

  /// What a worker is to do.
  private enum Order {
    WORK,
    /// End what is fetched as aborted, then go.
    DISCARD,
    /// Go, leaving no trace.
    HALT
  }

  private final Engine engine;
  private final SubmissionQueue queue;
  private final CommandSet commands;
  private final Runnable chores;
  private final QueueCounter counter;
  private final UpstreamPort port;
  private final DataPath data;
  private final MemorySegment batch = Arena.ofAuto().allocate(BATCH * Command.BYTES, 64);
  private final Command command;
  private final Command looking;
  private final Reply reply = new Reply();
  private final BitSet aborted = new BitSet(BATCH);
  private final Thread thread;

  private final int limit;

  private volatile Order order = Order.WORK;
  private int next;
  private int fetched;
  private boolean unannounced;

  /// @param chores what to do before looking for commands, each time
  /// @param counter of its pair
  Worker(
      Engine engine,
      SubmissionQueue queue,
      CommandSet commands,
      Runnable chores,
      QueueCounter counter) {
    this.engine = engine;
    this.queue = queue;
    this.commands = commands;
    this.chores = chores;
    this.counter = counter;
    this.limit = QueueCounter.limit(BATCH, queue.entries() - 1);
    port = engine.port();
    data = new DataPath(port, engine.pageBytes(), engine.drive().options().transferBytes());
    command = new Command(batch, queue.id());
    looking = new Command(batch, queue.id());
    String name = "nvme-" + engine.drive().options().serial() + "-sq" + queue.id();
    thread = Thread.ofPlatform().daemon().name(name).unstarted(this);
  }

  SubmissionQueue queue() {
    return queue;
  }

  void start() {
    thread.start();
  }

  /// There may be something to do.
  void wake() {
    LockSupport.unpark(thread);
  }

  /// To end what is fetched as aborted and go.
  void discard() {
    order = Order.DISCARD;
    wake();
  }

  /// To go.
  void halt() {
    order = Order.HALT;
    wake();
  }

  /// Returns when the thread has gone; it must have been told to.
  void awaitEnd() {
    Threads.awaitEnd(thread);
  }

  @Override
  public void run() {
    try {
      while (order == Order.WORK) {
        chores.run();
        switch (look()) {
          case WORK -> serve();
          case NOTHING -> LockSupport.park(this);
          case IMPOSSIBLE -> {
            engine.events().raise(AsyncEvent.INVALID_DOORBELL_VALUE);
            LockSupport.park(this);
          }
          case UNREACHABLE -> engine.fail("shadow doorbells cannot be reached", null);
        }
      }
    } catch (RuntimeException | AssertionError ours) {
      engine.fail("queue " + queue.id() + " broke", ours);
    } finally {
      engine.ended(this);
    }
  }

  private SubmissionQueue.Look look() {
    SubmissionQueue.Look found = queue.look();
    if (found != SubmissionQueue.Look.NOTHING) {
      return found;
    }
    CompletionQueue completions = queue.completions();
    if (completions.isShadowed() && engine.vectors().isPin() && completions.settle()) {
      engine.vectors().consumed(completions);
    }
    return queue.lookBeforeParking();
  }

  private void serve() {
    int waiting = queue.waiting();
    int count = queue.fetch(port, batch, BATCH);
    if (count < 0) {
      engine.fail("submission queue " + queue.id() + " cannot be reached", null);
      return;
    }
    synchronized (this) {
      next = 0;
      fetched = count;
      aborted.clear();
    }
    long movedBefore = data.movedBytes();
    int quietBytes = 0;
    for (int i = 0; i < count && order != Order.HALT; i++) {
      command.select(i);
      reply.clear();
      long before = data.movedBytes();
      Status refused = begin();
      if (refused.isSuccess()) {
        commands.execute(command, reply, data);
      } else {
        reply.end(refused);
      }
      if (!reply.isHeld()) {
        finish();
      }
      quietBytes += (int) (data.movedBytes() - before);
      if (quietBytes >= BYTES_PER_INTERRUPT) {
        announce();
        quietBytes = 0;
      }
    }
    counter.served(count, waiting >= limit, data.movedBytes() - movedBefore);
    announce();
  }

  /// Takes the next command on, unless it has been aborted meanwhile.
  private synchronized Status begin() {
    int index = next++;
    if (aborted.get(index)) {
      return Status.ABORT_REQUESTED;
    }
    return order == Order.DISCARD ? Status.ABORTED_QUEUE_DELETED : Status.SUCCESS;
  }

  /// Aborts the command of this id if it is fetched and not begun.
  ///
  /// @return whether it is aborted
  synchronized boolean abort(int commandId) {
    for (int i = next; i < fetched; i++) {
      looking.select(i);
      if (looking.id() == commandId && !aborted.get(i)) {
        aborted.set(i);
        return true;
      }
    }
    return false;
  }

  private void finish() {
    Status status = reply.status();
    if (!status.isSuccess()) {
      engine.drive().errors().record(command, status);
    }
    post(command.id(), status, reply.dword0());
  }

  /// Posts the end of a command of this queue; waits as long as the completion queue is full.
  void post(int commandId, Status status, int dword0) {
    CompletionQueue completions = queue.completions();
    while (order != Order.HALT) {
      switch (completions.post(queue.source(), commandId, status, dword0)) {
        case YES -> {
          unannounced = true;
          return;
        }
        case UNREACHABLE -> {
          engine.fail("completion queue " + completions.id() + " cannot be reached", null);
          return;
        }
        case FULL -> {
          announce();
          if (order == Order.DISCARD) {
            return;
          }
          completions.awaitRoom();
        }
      }
    }
  }

  /// Interrupts the host if anything was posted since the last time.
  void announce() {
    if (unannounced) {
      unannounced = false;
      engine.vectors().announce(queue.completions());
    }
  }
}
