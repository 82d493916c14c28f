package dev.portcullis.guest.nvme;

import dev.portcullis.guest.pci.PciDevice;
import dev.portcullis.guest.port.Processor;
import java.util.concurrent.TimeUnit;

/// A controller's registers, as far as the driver uses them.
///
/// ```
///  00 CAP (64 bits)   14 CC   1c CSTS   24 AQA   28 ASQ (64 bits)   30 ACQ (64 bits)
///  1000 doorbells: of each queue pair the submission queue's, then the completion queue's
/// ```
///
/// @nvme 3.1 Register Definition
final class ControllerRegisters {
  /// Most entries that a queue is given: a submission queue of that many fills a page.
  static final int MOST_ENTRIES = 64;

  private static final int CAP = 0x00;
  private static final int CC = 0x14;
  private static final int CSTS = 0x1c;
  private static final int AQA = 0x24;
  private static final int ASQ = 0x28;
  private static final int ACQ = 0x30;
  private static final int DOORBELLS = 0x1000;

  private static final int ENABLE = 1;
  private static final int READY = 1;
  private static final int FATAL = 2;
  private static final long GONE = 0xffff_ffffL;

  /// Entries of 64 and of 16 bytes.
  private static final int ENTRY_SIZES = 6 << 16 | 4 << 20;

  private final Processor processor;
  private final PciDevice pci;
  private final long base;
  private final long capabilities;

  /// @throws NvmeException if there are none, or they tell nonsense
  ControllerRegisters(Processor processor, PciDevice pci) throws NvmeException {
    this.processor = processor;
    this.pci = pci;
    this.base = pci.window(0).orElseThrow(() -> new NvmeException(pci + ": it has no registers"));
    this.capabilities = processor.load(base + CAP, 8);
    if (capabilities == -1) {
      throw new NvmeException(pci + ": it is gone");
    }
    if (leastPageLog2() > 12) {
      throw new NvmeException(pci + ": it knows no pages of 4 KiB");
    }
    if ((capabilities & 0xffff) == 0) {
      throw new NvmeException(pci + ": its queues have less than 2 entries");
    }
  }

  /// The unit of its limit on transfers.
  int leastPageLog2() {
    return 12 + (int) (capabilities >>> 48 & 0xf);
  }

  /// How many entries queues are given.
  int queueEntries() {
    return (int) Math.min(MOST_ENTRIES, (capabilities & 0xffff) + 1);
  }

  /// Guest physical address of the doorbell of submission queue `queue`.
  long submissionDoorbell(int queue) {
    return base + DOORBELLS + 2L * queue * stride();
  }

  /// Guest physical address of the doorbell of completion queue `queue`.
  long completionDoorbell(int queue) {
    return base + DOORBELLS + (2L * queue + 1) * stride();
  }

  private long stride() {
    return 4L << (capabilities >>> 32 & 0xf);
  }

  /// Stops the controller; when this returns it does no DMA.
  ///
  /// @throws NvmeException if it does not stop in time
  void disable() throws NvmeException {
    processor.store(base + CC, 4, 0);
    awaitReady(0);
  }

  /// Starts the controller.
  ///
  /// @param submission guest physical address of the administrator's queue of `entries` entries
  /// @param completion that of its completion queue
  /// @throws NvmeException if it does not become ready in time
  /// @nvme 7.6.1 Initialization
  void enable(long submission, long completion, int entries) throws NvmeException {
    processor.store(base + AQA, 4, (entries - 1L) << 16 | entries - 1);
    store64(ASQ, submission);
    store64(ACQ, completion);
    processor.store(base + CC, 4, ENABLE | ENTRY_SIZES);
    awaitReady(READY);
  }

  private void store64(int register, long value) {
    processor.store(base + register, 4, value & 0xffff_ffffL);
    processor.store(base + register + 4, 4, value >>> 32);
  }

  /// Whether the controller says that it cannot go on.
  boolean isFatal() {
    return (processor.load(base + CSTS, 4) & FATAL) != 0;
  }

  /// An interrupt of the thread is put off: a controller is not left half stopped.
  private void awaitReady(int wanted) throws NvmeException {
    long units = capabilities >>> 24 & 0xff;
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(500 * (units + 1));
    boolean interrupted = Thread.interrupted();
    try {
      while (true) {
        long status = processor.load(base + CSTS, 4);
        if (status == GONE) {
          throw new NvmeException(pci + ": it is gone");
        }
        boolean failed = wanted == READY && (status & FATAL) != 0;
        if ((status & READY) == wanted && !failed) {
          return;
        }
        if (failed || System.nanoTime() > deadline) {
          throw new NvmeException(
              "%s: it does not become %s".formatted(pci, wanted == READY ? "ready" : "quiet"));
        }
        interrupted |= pause();
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static boolean pause() {
    try {
      Thread.sleep(1);
      return false;
    } catch (InterruptedException e) {
      return true;
    }
  }
}
