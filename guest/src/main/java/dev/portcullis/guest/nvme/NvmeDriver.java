package dev.portcullis.guest.nvme;

import dev.portcullis.guest.block.BlockDevice;
import dev.portcullis.guest.memory.OutOfMemoryException;
import dev.portcullis.guest.memory.PageAllocator;
import dev.portcullis.guest.nvme.QueuePair.Completion;
import dev.portcullis.guest.pci.PciDevice;
import dev.portcullis.guest.pci.PciException;
import dev.portcullis.guest.port.GuestMachine;
import dev.portcullis.guest.port.InterruptVector;
import dev.portcullis.guest.port.MachineCheckException;
import dev.portcullis.guest.port.Processor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/// Drives an NVMe controller with one namespace: an administrator's queue and one for data, each
/// with an interrupt of its own. Data go through buffers of the driver's, of 128 KiB.
///
/// @nvme 7.6.1 Initialization
public final class NvmeDriver implements BlockDevice, AutoCloseable {
  /// Class of such controllers.
  public static final int CLASS = 0x01_08_02;

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

  /// Entries of 64 and of 16 bytes.
  private static final int ENTRY_SIZES = 6 << 16 | 4 << 20;

  private static final int PAGE = PageAllocator.PAGE_BYTES;
  private static final int BUFFERS = 8;
  private static final int BUFFER_PAGES = 32;
  private static final int BUFFER_BYTES = BUFFER_PAGES * PAGE;
  private static final long LIMIT_MILLIS = 10_000;
  private static final int NAMESPACE = 1;

  private final Processor processor;
  private final PageAllocator memory;
  private final PciDevice pci;
  private final long registers;
  private final int stride;
  private final long queues;
  private final long page;
  private final BlockingQueue<Buffer> buffers = new ArrayBlockingQueue<>(BUFFERS);
  private final List<Buffer> allBuffers = new ArrayList<>();
  private final List<InterruptVector> vectors = new ArrayList<>();
  private final QueuePair admin;
  private final QueuePair data;
  private final int blockBytes;
  private final long blocks;
  private final int mostBytes;

  /// Where data are on their way.
  ///
  /// @param gpa of 32 pages side by side
  /// @param list of a page with the addresses of all but the first
  private record Buffer(long gpa, long list) {}

  /// Takes the controller and has it work.
  ///
  /// @throws NvmeException if it lacks what the driver needs, or does not answer
  public NvmeDriver(GuestMachine machine, PageAllocator memory, PciDevice pci)
      throws NvmeException, InterruptedException {
    this.processor = machine.processor();
    this.memory = memory;
    this.pci = pci;
    try {
      this.registers =
          pci.window(0).orElseThrow(() -> new NvmeException(pci + ": it has no registers"));
      this.stride = 4 << (int) (processor.load(registers + CAP, 8) >>> 32 & 0xf);
      this.queues = memory.allocate(4 * PAGE);
      this.page = memory.allocate(PAGE);
      clear(queues, 4 * PAGE);
      makeBuffers();
      pci.enableBusMaster();
      disable();
      admin = pair(0);
      data = pair(1);
      vectors.add(pci.connect(0, admin::poll));
      vectors.add(pci.connect(pci.vectors() > 1 ? 1 : 0, data::poll));
      enable();
      mostBytes = mostBytes();
      long format = identifyNamespace();
      blockBytes = (int) (format & 0xffff);
      blocks = format >>> 16;
      createQueues();
    } catch (OutOfMemoryException | PciException e) {
      throw new NvmeException(pci + ": " + e.getMessage(), e);
    }
  }

  private void makeBuffers() throws OutOfMemoryException {
    for (int i = 0; i < BUFFERS; i++) {
      Buffer buffer = new Buffer(memory.allocate(BUFFER_BYTES), memory.allocate(PAGE));
      for (int entry = 1; entry < BUFFER_PAGES; entry++) {
        processor.store(buffer.list + 8L * (entry - 1), 8, buffer.gpa + (long) entry * PAGE);
      }
      buffers.add(buffer);
      allBuffers.add(buffer);
    }
  }

  private void clear(long gpa, long bytes) {
    byte[] zeroes = new byte[PAGE];
    for (long done = 0; done < bytes; done += PAGE) {
      processor.write(gpa + done, MemorySegment.ofArray(zeroes), 0, PAGE);
    }
  }

  private QueuePair pair(int number) {
    long doorbell = registers + DOORBELLS + 2L * number * stride;
    return new QueuePair(
        processor,
        queues + 2L * number * PAGE,
        queues + (2L * number + 1) * PAGE,
        doorbell,
        doorbell + stride);
  }

  private void disable() throws NvmeException, InterruptedException {
    processor.store(registers + CC, 4, 0);
    awaitReady(0);
  }

  private void enable() throws NvmeException, InterruptedException {
    long size = QueuePair.ENTRIES - 1;
    processor.store(registers + AQA, 4, size << 16 | size);
    store64(ASQ, queues);
    store64(ACQ, queues + PAGE);
    processor.store(registers + CC, 4, ENABLE | ENTRY_SIZES);
    awaitReady(READY);
  }

  private void store64(int register, long value) {
    processor.store(registers + register, 4, value & 0xffff_ffffL);
    processor.store(registers + register + 4, 4, value >>> 32);
  }

  private void awaitReady(int wanted) throws NvmeException, InterruptedException {
    long units = processor.load(registers + CAP, 8) >>> 24 & 0xff;
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(500 * (units + 1));
    while (true) {
      long status = processor.load(registers + CSTS, 4);
      if ((status & READY) == wanted && (status & FATAL) == 0 || status == wanted) {
        return;
      }
      if (System.nanoTime() > deadline || (status & FATAL) != 0 && wanted == READY) {
        throw new NvmeException(
            "%s: it does not become %s".formatted(pci, wanted == READY ? "ready" : "quiet"));
      }
      Thread.sleep(1);
    }
  }

  /// What one command may move: the controller's limit, and the buffer's.
  private int mostBytes() throws NvmeException {
    identify(0, 1);
    int limit = (int) processor.load(page + 77, 1);
    int least = 12 + (int) (processor.load(registers + CAP, 8) >>> 48 & 0xf);
    return limit == 0 || limit + least >= 31
        ? BUFFER_BYTES
        : Math.min(BUFFER_BYTES, 1 << limit + least);
  }

  /// @return length of a block in bits 15 to 0, their number above
  private long identifyNamespace() throws NvmeException {
    identify(NAMESPACE, 0);
    long count = processor.load(page, 8);
    int format = (int) processor.load(page + 26, 1) & 0xf;
    int log2 = (int) (processor.load(page + 128 + 4L * format, 4) >>> 16 & 0xff);
    if (log2 < 9 || log2 > 12 || count <= 0 || count >= 1L << 47) {
      throw new NvmeException(
          "%s: %d blocks of 2^%d bytes make no disk".formatted(pci, count, log2));
    }
    return count << 16 | 1L << log2;
  }

  private void identify(int namespace, int what) throws NvmeException {
    demand(admin, Command.admin(Command.IDENTIFY, namespace, page, what), "identify");
  }

  private void createQueues() throws NvmeException {
    long size = (long) (QueuePair.ENTRIES - 1) << 16 | 1;
    long vector = vectors.size() > 1 && pci.vectors() > 1 ? 1 : 0;
    long completions = queues + 3L * PAGE;
    demand(
        admin,
        Command.admin(
            Command.CREATE_COMPLETION_QUEUE, 0, completions, size | (vector << 16 | 3) << 32),
        "create a completion queue");
    demand(
        admin,
        Command.admin(
            Command.CREATE_SUBMISSION_QUEUE, 0, queues + 2L * PAGE, size | (1L << 16 | 1) << 32),
        "create a submission queue");
  }

  /// A controller that does not answer is stopped: it may still be at work on memory that is about
  /// to serve others.
  private void demand(QueuePair queue, Command command, String what) throws NvmeException {
    Completion completion;
    try {
      completion = queue.execute(command, LIMIT_MILLIS);
    } catch (NvmeException e) {
      stop();
      throw new NvmeException("%s: %s: %s".formatted(pci, what, e.getMessage()), e);
    }
    if (!completion.isSuccess()) {
      throw new NvmeException(
          "%s: it does not %s: status %03xh".formatted(pci, what, completion.status() & 0x7ff));
    }
  }

  private void stop() {
    try {
      processor.store(registers + CC, 4, 0);
    } catch (MachineCheckException gone) {
      // It was pulled out: it does nothing more.
    }
    admin.kill();
    data.kill();
  }

  @Override
  public int blockBytes() {
    return blockBytes;
  }

  @Override
  public long blocks() {
    return blocks;
  }

  @Override
  public void read(long block, MemorySegment to, long toOffset, long bytes)
      throws NvmeException, InterruptedException {
    check(block, bytes);
    for (long done = 0; done < bytes; done += mostBytes) {
      int step = (int) Math.min(mostBytes, bytes - done);
      Buffer buffer = buffers.take();
      try {
        move(Command.READ, buffer, block + done / blockBytes, step);
        processor.read(buffer.gpa, to, toOffset + done, step);
      } finally {
        buffers.add(buffer);
      }
    }
  }

  @Override
  public void write(long block, MemorySegment from, long fromOffset, long bytes)
      throws NvmeException, InterruptedException {
    check(block, bytes);
    for (long done = 0; done < bytes; done += mostBytes) {
      int step = (int) Math.min(mostBytes, bytes - done);
      Buffer buffer = buffers.take();
      try {
        processor.write(buffer.gpa, from, fromOffset + done, step);
        move(Command.WRITE, buffer, block + done / blockBytes, step);
      } finally {
        buffers.add(buffer);
      }
    }
  }

  private void check(long block, long bytes) throws NvmeException {
    if (bytes <= 0 || bytes % blockBytes != 0 || block < 0 || block > blocks - bytes / blockBytes) {
      throw new NvmeException("no %d bytes from block %d on".formatted(bytes, block));
    }
  }

  private void move(int opcode, Buffer buffer, long block, int bytes) throws NvmeException {
    long second = bytes <= PAGE ? 0 : bytes <= 2 * PAGE ? buffer.gpa + PAGE : buffer.list;
    Command command =
        new Command(opcode, NAMESPACE, buffer.gpa, second, block, bytes / blockBytes - 1);
    demand(data, command, opcode == Command.READ ? "read" : "write");
  }

  @Override
  public void flush() throws NvmeException {
    demand(data, new Command(Command.FLUSH, NAMESPACE, 0, 0, 0, 0), "flush");
  }

  /// Has the controller stop, and gives back what the driver has taken. Those who wait for an
  /// answer get none.
  @Override
  public void close() {
    stop();
    pci.disableBusMaster();
    vectors.forEach(InterruptVector::close);
    memory.free(queues, 4 * PAGE);
    memory.free(page, PAGE);
    for (Buffer buffer : allBuffers) {
      memory.free(buffer.gpa, BUFFER_BYTES);
      memory.free(buffer.list, PAGE);
    }
  }
}
