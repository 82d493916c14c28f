package dev.portcullis.unit.queue;

import static dev.portcullis.spec.register.QueueRegisters.DW;
import static dev.portcullis.spec.register.QueueRegisters.IQA;
import static dev.portcullis.spec.register.QueueRegisters.IQA_BASE;
import static dev.portcullis.spec.register.QueueRegisters.IQEI;
import static dev.portcullis.spec.register.QueueRegisters.IQERCD;
import static dev.portcullis.spec.register.QueueRegisters.IQH;
import static dev.portcullis.spec.register.QueueRegisters.IQT;
import static dev.portcullis.spec.register.QueueRegisters.QH;
import static dev.portcullis.spec.register.QueueRegisters.QS;
import static dev.portcullis.spec.register.QueueRegisters.QT;

import dev.portcullis.memory.Fetched;
import dev.portcullis.memory.MemoryMap;
import dev.portcullis.spec.descriptor.InvalidationDescriptor;
import dev.portcullis.spec.register.FaultRegisters;
import dev.portcullis.spec.register.QueueError;
import dev.portcullis.spec.register.Registers;
import dev.portcullis.unit.fault.FaultLog;
import dev.portcullis.unit.observe.Observers;
import dev.portcullis.unit.observe.UnitEvent;
import dev.portcullis.unit.register.Cell;
import dev.portcullis.unit.register.RegisterFile;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/// Empties the invalidation queue on the thread of the register write that gave it work: one
/// descriptor after the other, each done before the next is read.
///
/// A run ends at the tail, which nobody can move meanwhile, or at the first descriptor in error; so
/// it is never longer than the queue.
///
/// @vtd 6.5.2 Queued Invalidation Interface
public final class InvalidationQueue {
  /// The bit of a tail that points into the middle of a 256-bit descriptor.
  private static final long HALF_WIDE = 16;

  private final RegisterFile file;
  private final MemoryMap memory;
  private final Cell head;
  private final Cell tail;
  private final Cell address;
  private final Cell status;
  private final Cell error;
  private final FaultLog faults;
  private final DescriptorExecutor executor;
  private final Observers observers;
  private final BooleanSupplier legacyMode;
  private final Fetched fetched = new Fetched();
  private boolean enabled;

  /// @param legacyMode whether the table mode in force is the legacy one
  public InvalidationQueue(
      RegisterFile file,
      MemoryMap memory,
      FaultLog faults,
      DescriptorExecutor executor,
      Observers observers,
      BooleanSupplier legacyMode) {
    this.file = file;
    this.memory = memory;
    this.faults = faults;
    this.executor = executor;
    this.observers = observers;
    this.legacyMode = legacyMode;
    this.head = file.cell(IQH);
    this.tail = file.cell(IQT);
    this.address = file.cell(IQA);
    this.error = file.cell(IQERCD);
    this.status = file.cell(FaultRegisters.FSTS);
    tail.onCommand((before, after, written) -> run());
    status.onCommand((before, after, written) -> run());
  }

  /// Starts at head 0; software may have filled the queue before.
  public void enable() {
    enabled = true;
    run();
  }

  /// Stops, and goes back to head 0.
  public void disable() {
    enabled = false;
    moveHead(0);
  }

  /// Whether the queue is in use.
  public boolean isEnabled() {
    return enabled;
  }

  private void run() {
    while (enabled
        && !status.isSet(FaultRegisters.IQE)
        && QH.of(head.word()) != QT.of(tail.word())) {
      Optional<QueueError> problem = misprogrammed().or(this::executeNext);
      if (problem.isPresent()) {
        stop(problem.get());
      }
    }
  }

  /// What is wrong with the registers, in the order of section 3 of the tables.
  private Optional<QueueError> misprogrammed() {
    if (address.isSet(DW) && (QT.inPlace(tail.word()) & HALF_WIDE) != 0) {
      clearMisalignment();
      return Optional.of(QueueError.MISALIGNED_TAIL);
    }
    if (QT.inPlace(tail.word()) >= sizeBytes()) {
      return Optional.of(QueueError.TAIL_BEYOND_QUEUE);
    }
    if (address.isSet(DW)) {
      return Optional.of(QueueError.INVALID_WIDTH);
    }
    if (!legacyMode.getAsBoolean()) {
      return Optional.of(QueueError.INVALID_TABLE_MODE);
    }
    return Optional.empty();
  }

  /// Whether the bit stays is not stated; taking it back lets software start over.
  private void clearMisalignment() {
    synchronized (file) {
      tail.set(tail.word() & ~HALF_WIDE);
    }
  }

  private Optional<QueueError> executeNext() {
    long offset = QH.inPlace(head.word());
    if (!memory.fetch128(IQA_BASE.inPlace(address.word()) + offset, fetched)) {
      return Optional.of(QueueError.FETCH_FAILED);
    }
    return switch (InvalidationDescriptor.decode(fetched.lo, fetched.hi, file.capabilities())) {
      case InvalidationDescriptor.Invalid invalid -> Optional.of(invalid.error());
      case InvalidationDescriptor.Valid descriptor -> {
        long next = offset + InvalidationDescriptor.BYTES;
        executor.execute(descriptor);
        moveHead(next == sizeBytes() ? 0 : next);
        if (observers.arePresent()) {
          observers.tell(new UnitEvent.DescriptorExecuted(descriptor));
        }
        yield Optional.empty();
      }
    };
  }

  private long sizeBytes() {
    return (long) Registers.PAGE_BYTES << QS.intOf(address.word());
  }

  private void moveHead(long offset) {
    synchronized (file) {
      head.set(offset);
    }
  }

  private void stop(QueueError problem) {
    synchronized (file) {
      error.set(IQEI, problem.code());
      faults.raise(FaultRegisters.IQE);
    }
    if (observers.arePresent()) {
      observers.tell(new UnitEvent.QueueStopped(QH.inPlace(head.word()), problem));
    }
  }
}
