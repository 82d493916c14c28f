package dev.portcullis.driver.invalidation;

import dev.portcullis.driver.command.GlobalCommand;
import dev.portcullis.driver.port.DriverException;
import dev.portcullis.driver.port.DriverException.Reason;
import dev.portcullis.driver.port.PageAllocator;
import dev.portcullis.driver.port.Patience;
import dev.portcullis.driver.port.Platform;
import dev.portcullis.driver.port.RegisterPort;
import dev.portcullis.driver.port.TableMemory;
import dev.portcullis.spec.descriptor.InvalidationDescriptor;
import dev.portcullis.spec.descriptor.InvalidationWait;
import dev.portcullis.spec.register.FaultRegisters;
import dev.portcullis.spec.register.GlobalRegisters;
import dev.portcullis.spec.register.QueueRegisters;

/// The invalidation queue: a batch goes in with one wait descriptor at its end, and one write of
/// the tail. Whoever submits waits for the wait's status, and so the ring is empty between
/// submissions.
///
/// Errors are mended on the spot: a descriptor the unit refuses is made a harmless one, a batch
/// that a silent device has held up is given again.
///
/// @vtd 6.5.2 Queued Invalidation Interface
public final class InvalidationQueue implements Invalidator {
  /// How often a batch is given again after a device did not answer.
  private static final int TRIES = 3;

  private static final long ERRORS =
      FaultRegisters.IQE.mask() | FaultRegisters.ITE.mask() | FaultRegisters.ICE.mask();

  private final RegisterPort registers;
  private final TableMemory memory;
  private final PageAllocator pages;
  private final Patience patience;
  private final GlobalCommand command;
  private final int descriptorBytes;
  private final int sizeLog2;
  private final long base;
  private final long status;
  private final long ringBytes;
  private long tail;
  private int sequence;

  /// A queue of 2^`sizeLog2` pages, not enabled.
  ///
  /// @param width of a descriptor: it follows from the table mode
  public InvalidationQueue(Platform platform, GlobalCommand command, Width width, int sizeLog2)
      throws DriverException {
    this.registers = platform.registers();
    this.memory = platform.memory();
    this.pages = platform.pages();
    this.patience = platform.patience();
    this.command = command;
    this.sizeLog2 = sizeLog2;
    this.descriptorBytes =
        width == Width.BITS_128 ? InvalidationDescriptor.BYTES : InvalidationDescriptor.WIDE_BYTES;
    this.ringBytes = (long) PageAllocator.PAGE_BYTES << sizeLog2;
    this.base = pages.allocate(1 << sizeLog2);
    this.status = pages.allocate(1);
    memory.fill(base, ringBytes, (byte) 0);
    memory.fill(status, PageAllocator.PAGE_BYTES, (byte) 0);
  }

  /// Width of a descriptor.
  public enum Width {
    BITS_128,
    BITS_256
  }

  /// Points the unit to the ring and turns the queue on.
  public synchronized void enable() throws DriverException {
    // An error that was left behind would stop the queue before its first descriptor.
    clearErrors(ERRORS);
    tail = 0;
    registers.write32(QueueRegisters.IQT.offset(), 0);
    long wide = descriptorBytes == InvalidationDescriptor.WIDE_BYTES ? 1 : 0;
    registers.write64(
        QueueRegisters.IQA.offset(),
        base | QueueRegisters.DW.encode(wide) | QueueRegisters.QS.encode(sizeLog2));
    command.enable(GlobalRegisters.QIE);
  }

  /// Turns the queue off and gives its pages back.
  public synchronized void close() throws DriverException {
    command.disable(GlobalRegisters.QIE);
    pages.free(base, 1 << sizeLog2);
    pages.free(status, 1);
  }

  /// Whether an error has stopped the queue of the unit behind `registers`.
  public static boolean isStopped(RegisterPort registers) throws DriverException {
    return (registers.read32(FaultRegisters.FSTS.offset()) & ERRORS) != 0;
  }

  @Override
  public void submit(InvalidationBatch batch) throws DriverException {
    submit(batch, 0);
  }

  /// The same; and page requests that came before are in their queue when it returns.
  public void submitDrainingPageRequests(InvalidationBatch batch) throws DriverException {
    submit(batch, InvalidationWait.PD.mask());
  }

  private synchronized void submit(InvalidationBatch batch, long waitFlags) throws DriverException {
    int room = (int) (ringBytes / descriptorBytes) - 2;
    int from = 0;
    for (; batch.count() - from > room; from += room) {
      carryOut(batch.part(from, from + room), 0);
    }
    // Only the last part's wait needs the flags.
    carryOut(from == 0 ? batch : batch.part(from, batch.count()), waitFlags);
  }

  private void carryOut(InvalidationBatch batch, long waitFlags) throws DriverException {
    if (batch.isEmpty() && waitFlags == 0) {
      return;
    }
    put(batch, waitFlags);
    if (!isDone()) {
      awaitDone(batch, waitFlags);
    }
  }

  private void put(InvalidationBatch batch, long waitFlags) throws DriverException {
    for (int i = 0; i < batch.count(); i++) {
      append(batch.lo(i), batch.hi(i));
    }
    sequence++;
    InvalidationWait wait = InvalidationWait.status(status, sequence);
    append(wait.lo() | waitFlags, wait.hi());
    registers.write32(QueueRegisters.IQT.offset(), (int) tail);
  }

  private void append(long lo, long hi) throws DriverException {
    write(tail, lo, hi);
    tail = tail + descriptorBytes & ringBytes - 1;
  }

  /// The upper half of a wide descriptor is always 0 and was when the ring was made.
  private void write(long offset, long lo, long hi) throws DriverException {
    memory.writeLong(base + offset, lo);
    memory.writeLong(base + offset + 8, hi);
  }

  private boolean isDone() throws DriverException {
    return (int) memory.readLong(status) == sequence;
  }

  private void awaitDone(InvalidationBatch batch, long waitFlags) throws DriverException {
    Trouble trouble = new Trouble(batch, waitFlags);
    patience.await("invalidations done", () -> isDone() || trouble.endsTheWait());
    trouble.tell();
  }

  private int errorBits() throws DriverException {
    return registers.read32(FaultRegisters.FSTS.offset());
  }

  private void clearErrors(long errors) throws DriverException {
    registers.write32(FaultRegisters.FSTS.offset(), (int) errors);
  }

  private long head() throws DriverException {
    long head = registers.read64(QueueRegisters.IQH.offset());
    return QueueRegisters.QH.inPlace(head) & ringBytes - descriptorBytes;
  }

  /// What goes wrong while a batch is under way, and how it is mended.
  private final class Trouble {
    private final long waitFlags;
    private InvalidationBatch batch;
    private int errors;
    private int timeouts;
    private String refused;
    private String silent;

    Trouble(InvalidationBatch batch, long waitFlags) {
      this.batch = batch;
      this.waitFlags = waitFlags;
    }

    /// Looks for errors and mends them.
    ///
    /// @return whether the batch will never be done
    boolean endsTheWait() throws DriverException {
      int bits = errorBits();
      if (FaultRegisters.ICE.isSet(bits)) {
        clearErrors(FaultRegisters.ICE.mask());
      }
      if (FaultRegisters.IQE.isSet(bits)) {
        return skipRefused();
      }
      if (FaultRegisters.ITE.isSet(bits)) {
        giveAgain();
      }
      return false;
    }

    /// The queue stands at a descriptor that the unit will not carry out: puts an empty wait in its
    /// place and lets the queue go on.
    private boolean skipRefused() throws DriverException {
      long error = QueueRegisters.IQEI.of(registers.read64(QueueRegisters.IQERCD.offset()));
      long head = head();
      refused =
          "the unit refused the descriptor %#x %#x: error %d"
              .formatted(memory.readLong(base + head), memory.readLong(base + head + 8), error);
      boolean lastOne = (head + descriptorBytes & ringBytes - 1) == tail;
      InvalidationWait harmless = InvalidationWait.silent();
      write(head, harmless.lo(), harmless.hi());
      clearErrors(FaultRegisters.IQE.mask());
      return lastOne || ++errors > batch.count();
    }

    /// A device did not answer. Waits that were under way are void, so everything is given again,
    /// in the end without that device.
    private void giveAgain() throws DriverException {
      int device = QueueRegisters.ITESID.intOf(registers.read64(QueueRegisters.IQERCD.offset()));
      clearErrors(FaultRegisters.ITE.mask());
      timeouts++;
      patience.await(
          "queue empty after a time-out",
          () -> head() == tail || FaultRegisters.ITE.isSet(errorBits()));
      if (head() != tail) {
        return; // Silent again: we come back here.
      }
      if (timeouts >= TRIES) {
        silent = "device %04x did not confirm an invalidation".formatted(device);
        batch = batch.withoutDevice(device);
      }
      put(batch, waitFlags);
    }

    void tell() throws DriverException {
      if (refused != null) {
        throw new DriverException(Reason.INVALIDATION_REFUSED, refused);
      }
      if (silent != null) {
        throw new DriverException(Reason.DEVICE_SILENT, silent);
      }
    }
  }
}
