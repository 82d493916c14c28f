package dev.portcullis.unit.queue;

import static dev.portcullis.spec.register.QueueRegisters.DW;
import static dev.portcullis.spec.register.QueueRegisters.IQA;
import static dev.portcullis.spec.register.QueueRegisters.IQA_BASE;
import static dev.portcullis.spec.register.QueueRegisters.IQH;
import static dev.portcullis.spec.register.QueueRegisters.IQT;
import static dev.portcullis.spec.register.QueueRegisters.QH;
import static dev.portcullis.spec.register.QueueRegisters.QS;
import static dev.portcullis.spec.register.QueueRegisters.QT;

import dev.portcullis.memory.Fetched;
import dev.portcullis.memory.MemoryMap;
import dev.portcullis.spec.descriptor.InvalidationDescriptor;
import dev.portcullis.spec.descriptor.InvalidationWait;
import dev.portcullis.spec.register.Capabilities;
import dev.portcullis.spec.register.FaultRegisters;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.spec.register.QueueError;
import dev.portcullis.spec.register.Registers;
import dev.portcullis.spec.register.TableMode;
import dev.portcullis.unit.fault.InvalidationErrors;
import dev.portcullis.unit.observe.Observers;
import dev.portcullis.unit.observe.UnitEvent;
import dev.portcullis.unit.register.Cell;
import dev.portcullis.unit.register.RegisterFile;
import java.util.Optional;
import java.util.function.Supplier;

/// Empties the invalidation queue on the thread of the register write that gave it work: one
/// descriptor after the other, each done before the next is read.
///
/// A run ends at the tail, which nobody can move meanwhile, at the first descriptor in error, or at
/// one that waits for devices; so it is never longer than the queue. What waits for devices is
/// tried again at the next run, which [#resume] begins when they have answered or their time is up.
///
/// @vtd 6.5.2 Queued Invalidation Interface
public final class InvalidationQueue {
  /// The bit of a tail that points into the middle of a 256-bit descriptor.
  private static final long HALF_WIDE = 16;

  /// A descriptor, and where it was read.
  private record Entry(long offset, InvalidationDescriptor.Valid descriptor) {}

  private final RegisterFile file;
  private final MemoryMap memory;
  private final Cell head;
  private final Cell tail;
  private final Cell address;
  private final InvalidationErrors errors;
  private final DescriptorExecutor executor;
  private final Observers observers;
  private final Supplier<TableMode> tableMode;
  private final Fetched fetched = new Fetched();
  private boolean enabled;

  /// What the queue stands at until devices have answered, or null.
  private Entry paused;

  /// The wait that a time-out cut short, or null.
  private Entry aborted;

  /// @param tableMode the table mode in force
  public InvalidationQueue(
      RegisterFile file,
      MemoryMap memory,
      InvalidationErrors errors,
      DescriptorExecutor executor,
      Observers observers,
      Supplier<TableMode> tableMode) {
    this.file = file;
    this.memory = memory;
    this.errors = errors;
    this.executor = executor;
    this.observers = observers;
    this.tableMode = tableMode;
    this.head = file.cell(IQH);
    this.tail = file.cell(IQT);
    this.address = file.cell(IQA);
    tail.onCommand((before, after, written) -> run());
    file.cell(FaultRegisters.FSTS).onCommand((before, after, written) -> run());
  }

  /// Starts at head 0; software may have filled the queue before.
  public void enable() {
    enabled = true;
    run();
  }

  /// Stops, and goes back to head 0.
  public void disable() {
    enabled = false;
    paused = null;
    aborted = null;
    moveHead(0);
  }

  /// Whether the queue is in use.
  public boolean isEnabled() {
    return enabled;
  }

  /// Goes on if what it waited for has happened.
  public void resume() {
    abortIfTimedOut();
    run();
  }

  /// A wait that was under way when a device's time was up will not be done.
  private void abortIfTimedOut() {
    if (paused != null && errors.isTimedOut()) {
      aborted = paused.descriptor instanceof InvalidationWait ? paused : null;
      paused = null;
    }
  }

  private void run() {
    boolean goesOn = true;
    while (goesOn && enabled && !errors.holdQueue() && QH.of(head.word()) != QT.of(tail.word())) {
      goesOn = step();
    }
  }

  /// @return whether the queue can go on
  private boolean step() {
    if (paused != null) {
      return execute(paused);
    }
    Optional<QueueError> problem = misprogrammed();
    if (problem.isPresent()) {
      return stop(problem.get());
    }
    long offset = QH.inPlace(head.word());
    return switch (fetchNext(offset)) {
      case InvalidationDescriptor.Invalid invalid -> stop(invalid.error());
      case InvalidationDescriptor.Valid descriptor -> execute(new Entry(offset, descriptor));
    };
  }

  /// What is wrong with the registers, the first of several.
  private Optional<QueueError> misprogrammed() {
    boolean wide = address.isSet(DW);
    if (wide && (QT.inPlace(tail.word()) & HALF_WIDE) != 0) {
      clearMisalignment();
      return Optional.of(QueueError.MISALIGNED_TAIL);
    }
    if (QT.inPlace(tail.word()) >= sizeBytes()) {
      return Optional.of(QueueError.TAIL_BEYOND_QUEUE);
    }
    return wrongInMode(wide);
  }

  private Optional<QueueError> wrongInMode(boolean wide) {
    Capabilities capabilities = file.capabilities();
    boolean scalable = capabilities.has(Feature.SCALABLE_MODE);
    boolean aborts = capabilities.has(Feature.ABORT_DMA_MODE);
    if (wide && !scalable && !aborts) {
      return Optional.of(QueueError.INVALID_WIDTH);
    }
    TableMode mode = tableMode.get();
    boolean known =
        switch (mode) {
          case LEGACY -> true;
          case SCALABLE -> scalable;
          case RESERVED -> false;
          case ABORT -> aborts;
        };
    if (!known) {
      return Optional.of(QueueError.INVALID_TABLE_MODE);
    }
    return wide || mode == TableMode.LEGACY
        ? Optional.empty()
        : Optional.of(QueueError.INVALID_WIDTH);
  }

  /// Whether the bit stays is not stated; taking it back lets software start over.
  private void clearMisalignment() {
    synchronized (file) {
      tail.set(tail.word() & ~HALF_WIDE);
    }
  }

  private InvalidationDescriptor fetchNext(long offset) {
    long base = IQA_BASE.inPlace(address.word());
    if ((base & file.capabilities().beyondHostAddress())
        != 0) { // adding to it might come round to 0
      return new InvalidationDescriptor.Invalid(QueueError.FETCH_FAILED);
    }
    long at = base + offset;
    long beyond = 0;
    if (address.isSet(DW)) {
      if (!memory.fetch128(at + InvalidationDescriptor.BYTES, fetched)) {
        return new InvalidationDescriptor.Invalid(QueueError.FETCH_FAILED);
      }
      beyond = fetched.lo | fetched.hi;
    }
    return memory.fetch128(at, fetched)
        ? InvalidationDescriptor.decode(
            fetched.lo, fetched.hi, beyond, tableMode.get(), file.capabilities())
        : new InvalidationDescriptor.Invalid(QueueError.FETCH_FAILED);
  }

  private boolean execute(Entry entry) {
    if (!entry.equals(aborted) && executor.execute(entry.descriptor) == Progress.PAUSED) {
      paused = entry;
      return false;
    }
    boolean carriedOut = !entry.equals(aborted);
    paused = null;
    aborted = null;
    long next =
        entry.offset
            + (address.isSet(DW)
                ? InvalidationDescriptor.WIDE_BYTES
                : InvalidationDescriptor.BYTES);
    moveHead(next >= sizeBytes() ? 0 : next);
    if (carriedOut && observers.arePresent()) {
      observers.tell(new UnitEvent.DescriptorExecuted(entry.descriptor));
    }
    return true;
  }

  private long sizeBytes() {
    return (long) Registers.PAGE_BYTES << QS.intOf(address.word());
  }

  private void moveHead(long offset) {
    synchronized (file) {
      head.set(offset);
    }
  }

  private boolean stop(QueueError problem) {
    errors.queueStopped(problem);
    if (observers.arePresent()) {
      observers.tell(new UnitEvent.QueueStopped(QH.inPlace(head.word()), problem));
    }
    return false;
  }
}
