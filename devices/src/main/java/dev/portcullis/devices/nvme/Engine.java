package dev.portcullis.devices.nvme;

import dev.portcullis.devices.queue.QueueCounter;
import dev.portcullis.pci.Interrupts;
import dev.portcullis.pci.UpstreamPort;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// The controller from enabling to the next reset: its queues and the threads that serve them.
///
/// Whatever is forgotten by a controller reset lives here.
///
/// @nvme 7.3.2 Controller Level Reset
final class Engine {

  /// Whom the engine tells what software sees in the status register. Called from workers.
  interface Owner {
    /// The controller cannot go on until it is reset.
    ///
    /// @param cause our own failure behind it, or `null`
    void failed(String why, Throwable cause);

    /// What was written is safe.
    void shutDown();

    /// No worker of `engine` is left; nothing of it reaches the host any more.
    void stopped(Engine engine);
  }

  private final Owner owner;
  private final Drive drive;
  private final UpstreamPort port;
  private final int pageBytes;
  private final Queues queues;
  private final CompletionVectors vectors;
  private final AsyncEvents events;
  private final Features features;
  private final CommandSet nvmCommands;

  private final Set<Worker> workers = new HashSet<>();
  private boolean stopping;
  private volatile boolean failed;
  private volatile boolean shutdownAsked;
  private ShadowDoorbell.Pages shadows;

  Engine(Owner owner, Drive drive, UpstreamPort port, Interrupts interrupts, int pageBytes) {
    this.owner = owner;
    this.drive = drive;
    this.port = port;
    this.pageBytes = pageBytes;
    queues = new Queues(drive.pairs().now());
    vectors = new CompletionVectors(interrupts, queues);
    events = new AsyncEvents(this::wakeAdmin);
    features = new Features(this);
    nvmCommands = new NvmCommands(drive);
  }

  /// Starts with the admin queues.
  void start(CompletionQueue completions, SubmissionQueue submissions, IoEntrySizes sizes) {
    queues.put(completions);
    CommandSet admin = new AdminCommands(this, sizes);
    start(new Worker(this, submissions, admin, this::doChores, new QueueCounter()));
  }

  /// Starts a submission queue of I/O commands.
  void start(SubmissionQueue queue) {
    QueueCounter counter = drive.pairs().counter(queue.id() - 1);
    start(new Worker(this, queue, nvmCommands, () -> {}, counter));
  }

  private synchronized void start(Worker worker) {
    if (!stopping) {
      queues.put(worker);
      workers.add(worker);
      worker.start();
    }
  }

  /// What the admin worker does besides commands.
  private void doChores() {
    Worker admin = queues.submission(0);
    events.deliver(admin);
    admin.announce();
    if (shutdownAsked) {
      shutdownAsked = false;
      drive.namespace().flush();
      owner.shutDown();
    }
  }

  private void wakeAdmin() {
    Worker admin = queues.submission(0);
    if (admin != null) {
      admin.wake();
    }
  }

  UpstreamPort port() {
    return port;
  }

  int pageBytes() {
    return pageBytes;
  }

  Drive drive() {
    return drive;
  }

  Queues queues() {
    return queues;
  }

  CompletionVectors vectors() {
    return vectors;
  }

  AsyncEvents events() {
    return events;
  }

  Features features() {
    return features;
  }

  /// The host rings: word `index` of the doorbells now holds `value`.
  void ring(int index, int value) {
    if (failed) {
      return;
    }
    int id = index >> 1;
    boolean known = (index & 1) == 0 ? ringSubmission(id, value) : ringCompletion(id, value);
    if (!known) {
      events.raise(AsyncEvent.INVALID_DOORBELL_REGISTER);
    }
  }

  private boolean ringSubmission(int id, int value) {
    Worker worker = queues.submission(id);
    if (worker == null) {
      return false;
    }
    if (worker.queue().isShadowed() || worker.queue().submit(value)) {
      worker.wake();
    } else {
      events.raise(AsyncEvent.INVALID_DOORBELL_VALUE);
    }
    return true;
  }

  private boolean ringCompletion(int id, int value) {
    CompletionQueue queue = queues.completion(id);
    if (queue == null) {
      return false;
    }
    if (queue.isShadowed()) {
      queue.wakeWaiting();
      queues.usersOf(queue).forEach(Worker::wake);
    } else if (queue.consume(value)) {
      vectors.consumed(queue);
    } else {
      events.raise(AsyncEvent.INVALID_DOORBELL_VALUE);
    }
    return true;
  }

  /// From now on the host leaves the doorbells of its I/O queues in these pages. Called by the
  /// admin worker only.
  ///
  /// @return whether the pages can be reached; if not, the doorbells stay where they are
  boolean shadow(ShadowDoorbell.Pages pages) {
    boolean reached = pages.areReachable(port);
    if (!reached) {
      return false;
    }
    shadows = pages;
    for (int id = 1; id <= queues.most(); id++) {
      Worker worker = queues.submission(id);
      CompletionQueue queue = queues.completion(id);
      reached &= queue == null || shadow(queue);
      reached &= worker == null || shadow(worker.queue());
      if (worker != null) {
        worker.wake();
      }
    }
    return reached;
  }

  /// Has a new queue's doorbell shadowed, if the host wants that.
  boolean shadow(SubmissionQueue queue) {
    return shadows == null || queue.shadow(shadows.submission(port, queue.id()));
  }

  /// Has a new queue's doorbell shadowed, if the host wants that.
  boolean shadow(CompletionQueue queue) {
    return shadows == null || queue.shadow(shadows.completion(port, queue.id()));
  }

  /// The host wants to switch off: everything written is to be made safe.
  void shutDown() {
    shutdownAsked = true;
    wakeAdmin();
  }

  /// Nothing works any more until the next reset.
  void fail(String why, Throwable cause) {
    failed = true;
    owner.failed(why, cause);
    haltAll();
  }

  /// Tells the workers to go; [Owner#stopped] follows when they have.
  void stop() {
    boolean nobodyLeft;
    synchronized (this) {
      stopping = true;
      nobodyLeft = workers.isEmpty();
    }
    haltAll();
    if (nobodyLeft) {
      owner.stopped(this);
    }
  }

  private void haltAll() {
    snapshot().forEach(Worker::halt);
  }

  private synchronized List<Worker> snapshot() {
    return List.copyOf(workers);
  }

  /// A worker's last words.
  void ended(Worker worker) {
    boolean last;
    synchronized (this) {
      workers.remove(worker);
      last = stopping && workers.isEmpty();
    }
    if (last) {
      owner.stopped(this);
    }
  }
}
