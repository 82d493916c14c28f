package dev.portcullis.devices.edu;

import dev.portcullis.pci.Bar;
import dev.portcullis.pci.Completion;
import dev.portcullis.pci.FunctionHeader;
import dev.portcullis.pci.Msi;
import dev.portcullis.pci.PciExpress;
import dev.portcullis.pci.PciFunction;
import dev.portcullis.pci.PowerManagement;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;

/// The educational device as QEMU's `docs/specs/edu.rst` has it: factorials, interrupts, and a DMA
/// engine with a buffer of 4 KiB.
///
/// ```
///  00 RO identification         60 WO raise an interrupt
///  04 RW liveness (inverts)     64 WO acknowledge an interrupt
///  08 RW factorial              80 RW DMA source            (64 bits from here on)
///  20 RW status                 88 RW DMA destination
///  24 RO interrupt status       90 RW DMA count, bytes
///                               98 RW DMA command: 1 start, 2 from the device, 4 interrupt
///                               a0 RO how the last DMA ended, see [DmaResult]
/// ```
///
/// Below 80h accesses have 4 bytes, from there on 4 or 8; all others read all ones and are dropped.
/// The buffer is seen by the DMA engine alone, at 40000h of its own address space.
public final class EduDevice extends PciFunction {
  /// Bus addresses the DMA engine can make if nothing else is said: all of them.
  public static final long ANY_ADDRESS = -1;

  static final int IDENTIFICATION = 0x00;
  static final int LIVENESS = 0x04;
  static final int FACTORIAL = 0x08;
  static final int STATUS = 0x20;
  static final int INTERRUPT_STATUS = 0x24;
  static final int INTERRUPT_RAISE = 0x60;
  static final int INTERRUPT_ACKNOWLEDGE = 0x64;
  static final int DMA_SOURCE = 0x80;
  static final int DMA_DESTINATION = 0x88;
  static final int DMA_COUNT = 0x90;
  static final int DMA_COMMAND = 0x98;
  static final int DMA_RESULT = 0xa0;

  /// From here on accesses may have 8 bytes.
  private static final int WIDE_REGISTERS = 0x80;

  /// Version 1.0.
  private static final long WHO = 0x0100_00ed;

  private static final int COMPUTING = 0x01;
  private static final int INTERRUPT_AFTER_FACTORIAL = 0x80;

  static final int DMA_START = 1;
  static final int DMA_FROM_DEVICE = 2;
  static final int DMA_INTERRUPT = 4;

  static final int FACTORIAL_INTERRUPT = 0x001;
  private static final int DMA_DONE_INTERRUPT = 0x100;

  static final long BUFFER_AT = 0x40000;
  static final int BUFFER_BYTES = 4096;

  private static final FunctionHeader HEADER =
      FunctionHeader.of(0x1234, 0x11e8)
          .withClass(0x00ff00)
          .withRevision(0x10)
          .withSubsystem(0x1af4, 0x1100)
          .withPin(FunctionHeader.Pin.A);

  /// How a DMA ended; the ordinal is what the register holds.
  enum DmaResult {
    NONE,
    SUCCESS,
    /// The request was blocked, or nobody answered it.
    UNSUPPORTED_REQUEST,
    /// Whoever should have answered broke down.
    COMPLETER_ABORT,
    /// The device's own end of the transfer does not lie in its buffer: nothing was asked.
    OUTSIDE_BUFFER
  }

  /// How long the DMA engine thinks before it begins.
  static final long DMA_DELAY_NANOS = 100_000_000;

  private final long dmaMask;
  private final Background background = new Background("edu");
  private final DmaTimer timer;
  private final MemorySegment buffer = Arena.ofAuto().allocate(BUFFER_BYTES, 64);
  private final MemorySegment arriving = Arena.ofAuto().allocate(BUFFER_BYTES, 64);

  private final Object lock = new Object();
  private int liveness;
  private int factorial;
  private int status;
  private int interruptStatus;
  private long source;
  private long destination;
  private long count;
  private long command;
  private DmaResult result = DmaResult.NONE;
  private int dmasBegun;

  /// A device whose DMA reaches every address.
  // Deviation: QEMU's engine reaches 28 bits unless told otherwise; ours is here to ask anything.
  public EduDevice() {
    this(ANY_ADDRESS);
  }

  /// A device whose DMA engine has only the address lines set in `dmaMask`, and never thinks long:
  /// it works on a thread of its own.
  public EduDevice(long dmaMask) {
    this(dmaMask, Optional.empty());
  }

  /// A device whose DMA engine has only the address lines set in `dmaMask`, and begins each DMA
  /// when `timer` says that 100 ms are over, as in QEMU.
  public EduDevice(long dmaMask, DmaTimer timer) {
    this(dmaMask, Optional.of(timer));
  }

  private EduDevice(long dmaMask, Optional<DmaTimer> given) {
    super(
        HEADER,
        List.of(new Bar(0, 1 << 20, Bar.Width.MEMORY_32)),
        List.of(
            new Msi(1),
            new PowerManagement(),
            new PciExpress(PciExpress.Kind.ROOT_COMPLEX_INTEGRATED_ENDPOINT)));
    this.dmaMask = dmaMask;
    this.timer = given.orElse((_, job) -> background.start(job));
  }

  private static boolean isLegal(long offset, int widthBytes) {
    return widthBytes == 4 || widthBytes == 8 && offset >= WIDE_REGISTERS;
  }

  @Override
  public long readBar(int bar, long offset, int widthBytes) {
    if (!isLegal(offset, widthBytes)) {
      return -1;
    }
    synchronized (lock) {
      return switch ((int) offset) {
        case IDENTIFICATION -> WHO;
        case LIVENESS -> liveness & 0xffff_ffffL;
        case FACTORIAL -> factorial & 0xffff_ffffL;
        case STATUS -> status;
        case INTERRUPT_STATUS -> interruptStatus & 0xffff_ffffL;
        case DMA_SOURCE -> source;
        case DMA_DESTINATION -> destination;
        case DMA_COUNT -> count;
        case DMA_COMMAND -> command;
        // Deviation: QEMU's device has no such register; a blocked DMA looks like a good one there.
        case DMA_RESULT -> result.ordinal();
        default -> -1;
      };
    }
  }

  @Override
  public void writeBar(int bar, long offset, int widthBytes, long value) {
    if (!isLegal(offset, widthBytes)) {
      return;
    }
    synchronized (lock) {
      long written = widthBytes == 4 ? value & 0xffff_ffffL : value;
      if (offset >= WIDE_REGISTERS) {
        writeDma((int) offset, written);
      } else {
        writeNarrow((int) offset, (int) written);
      }
    }
  }

  private void writeNarrow(int offset, int value) {
    switch (offset) {
      case LIVENESS -> liveness = ~value;
      case FACTORIAL -> startFactorial(value);
      case STATUS -> status = status & COMPUTING | value & INTERRUPT_AFTER_FACTORIAL;
      case INTERRUPT_RAISE -> raise(value);
      case INTERRUPT_ACKNOWLEDGE -> acknowledge(value);
      default -> {}
    }
  }

  /// The engine's registers hold still while it runs.
  private void writeDma(int offset, long value) {
    if ((command & DMA_START) != 0) {
      return;
    }
    switch (offset) {
      case DMA_SOURCE -> source = value;
      case DMA_DESTINATION -> destination = value;
      case DMA_COUNT -> count = value;
      case DMA_COMMAND -> startDma(value);
      default -> {}
    }
  }

  private void raise(int causes) {
    interruptStatus |= causes;
    if (interruptStatus != 0) {
      interrupts().raise(0);
    }
  }

  private void acknowledge(int causes) {
    interruptStatus &= ~causes;
    if (interruptStatus == 0) {
      interrupts().lower(0);
    }
  }

  private void startFactorial(int of) {
    if ((status & COMPUTING) == 0) {
      factorial = of;
      status |= COMPUTING;
      background.start(() -> finishFactorial(of));
    }
  }

  private void finishFactorial(int of) {
    int product = factorial(of);
    synchronized (lock) {
      factorial = product;
      status &= ~COMPUTING;
      if ((status & INTERRUPT_AFTER_FACTORIAL) != 0) {
        raise(FACTORIAL_INTERRUPT);
      }
    }
  }

  /// The low 32 bits of `n!`, `n` unsigned: 0 from 34 on, so no number keeps us long.
  private static int factorial(int n) {
    int product = 1;
    for (long i = Integer.toUnsignedLong(n); i > 0 && product != 0; i--) {
      product *= (int) i;
    }
    return product;
  }

  private void startDma(long asked) {
    if ((asked & DMA_START) != 0) {
      command = asked;
      int number = ++dmasBegun;
      timer.after(DMA_DELAY_NANOS, () -> runDma(number));
    }
  }

  /// @param number of the DMA: a reset may have ended it before it begins
  private void runDma(int number) {
    synchronized (lock) {
      if (number != dmasBegun) {
        return;
      }
    }
    DmaResult ended = (command & DMA_FROM_DEVICE) == 0 ? fetch() : store();
    synchronized (lock) {
      result = ended;
      command &= ~DMA_START;
      if ((command & DMA_INTERRUPT) != 0) {
        raise(DMA_DONE_INTERRUPT);
      }
    }
  }

  /// A read that fails half way leaves the buffer as it was.
  private DmaResult fetch() {
    if (!isInBuffer(destination)) {
      return DmaResult.OUTSIDE_BUFFER;
    }
    Completion completion = port().read(source & dmaMask, arriving, 0, count);
    if (completion.isSuccess()) {
      MemorySegment.copy(arriving, 0, buffer, destination - BUFFER_AT, count);
    }
    return resultOf(completion);
  }

  private DmaResult store() {
    return isInBuffer(source)
        ? resultOf(port().write(destination & dmaMask, buffer, source - BUFFER_AT, count))
        : DmaResult.OUTSIDE_BUFFER;
  }

  private boolean isInBuffer(long at) {
    long offset = at - BUFFER_AT;
    return offset >= 0 && offset <= BUFFER_BYTES && count >= 0 && count <= BUFFER_BYTES - offset;
  }

  private static DmaResult resultOf(Completion completion) {
    return switch (completion) {
      case SUCCESS -> DmaResult.SUCCESS;
      case UNSUPPORTED_REQUEST -> DmaResult.UNSUPPORTED_REQUEST;
      case COMPLETER_ABORT -> DmaResult.COMPLETER_ABORT;
    };
  }

  @Override
  public void reset() {
    background.drain();
    synchronized (lock) {
      liveness = 0;
      factorial = 0;
      status = 0;
      interruptStatus = 0;
      source = 0;
      destination = 0;
      count = 0;
      command = 0;
      result = DmaResult.NONE;
      dmasBegun++;
      buffer.fill((byte) 0);
    }
    super.reset();
  }

  @Override
  public void close() {
    background.close();
  }
}
