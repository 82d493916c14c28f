package dev.portcullis.devices.dma;

import dev.portcullis.devices.thread.Threads;
import dev.portcullis.pci.PasidPrefix;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/// The thread of a channel, from its being enabled to its end: takes descriptors out of the ring,
/// carries them out in order, says how they ended.
final class ChannelWorker implements Runnable {
  private final Parts parts;
  private final Settings settings;
  private final Consumer<Outcome> whenEnded;
  private final AddressSpace space;
  private final Job job;
  private final Thread thread;
  private volatile boolean stopping;
  private volatile int tail;
  private volatile int head;

  /// @param ring address of the first descriptor, a multiple of 64
  /// @param entries how many the ring has, a power of two
  /// @param vector what to interrupt by
  /// @param marksStop whether a stop marker ends the use of the PASID
  record Settings(
      AddressSpace.Settings space, long ring, int entries, int vector, boolean marksStop) {}

  /// How a channel ended.
  ///
  /// @param fault address of the access that failed, if one did
  record Outcome(ChannelError error, long fault) {
    static final Outcome GOOD = new Outcome(ChannelError.NONE, 0);
  }

  ChannelWorker(String name, Parts parts, Settings settings, Consumer<Outcome> whenEnded) {
    this.parts = parts;
    this.settings = settings;
    this.whenEnded = whenEnded;
    space = new AddressSpace(parts.memory(), parts.pages(), settings.space(), () -> stopping);
    job = new Job(space);
    thread = Thread.ofPlatform().daemon().name(name).unstarted(this);
  }

  void start() {
    thread.start();
  }

  int head() {
    return head;
  }

  int tail() {
    return tail;
  }

  /// Descriptors up to that in front of `index` are there; an index beyond the ring wraps.
  void submit(int index) {
    tail = index & settings.entries() - 1;
    LockSupport.unpark(thread);
  }

  /// To end what is under way as stopped, and go.
  void stop() {
    stopping = true;
    LockSupport.unpark(thread);
    parts.pages().wake();
  }

  /// Returns when the thread has gone.
  void awaitEnd() {
    Threads.awaitEnd(thread);
  }

  @Override
  public void run() {
    Outcome outcome = work();
    int prefix = settings.space().prefix();
    if (settings.marksStop() && PasidPrefix.isPresent(prefix)) {
      parts.pages().markStop(prefix);
    }
    whenEnded.accept(outcome);
  }

  private Outcome work() {
    if (!parts.allows(settings.space().prefix())) {
      return new Outcome(ChannelError.PASID_NOT_ENABLED, 0);
    }
    Outcome outcome = Outcome.GOOD;
    while (!stopping && outcome == Outcome.GOOD) {
      if (head == tail) {
        LockSupport.park(this);
      } else {
        outcome = carryOutNext();
      }
    }
    return outcome;
  }

  private Outcome carryOutNext() {
    Descriptor descriptor = job.fetchDescriptor(settings.ring() + (long) head * Descriptor.BYTES);
    if (descriptor == null) {
      return outcome(ChannelError.DESCRIPTOR_UNREADABLE);
    }
    Status status = job.execute(descriptor);
    if (descriptor.has(Descriptor.WRITE_RECORD) && !record(descriptor, status)) {
      return outcome(ChannelError.RECORD_UNWRITABLE);
    }
    head = head + 1 & settings.entries() - 1;
    if (descriptor.has(Descriptor.INTERRUPT)) {
      parts.interrupt(settings.vector());
    }
    return Outcome.GOOD;
  }

  private boolean record(Descriptor descriptor, Status status) {
    long detail = status.isSuccess() ? job.previous() : space.faultAddress();
    return job.writeRecord(descriptor, status, detail, space.asked());
  }

  /// A channel that is told to stop while it waits for a page has no error.
  private Outcome outcome(ChannelError error) {
    return stopping ? Outcome.GOOD : new Outcome(error, space.faultAddress());
  }
}
