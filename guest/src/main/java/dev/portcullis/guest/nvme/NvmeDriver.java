package dev.portcullis.guest.nvme;

import dev.portcullis.guest.block.BlockDevice;
import dev.portcullis.guest.memory.OutOfMemoryException;
import dev.portcullis.guest.memory.PageAllocator;
import dev.portcullis.guest.memory.PageSource;
import dev.portcullis.guest.nvme.QueuePair.Completion;
import dev.portcullis.guest.nvme.QueuePair.NoAnswerException;
import dev.portcullis.guest.nvme.Session.Geometry;
import dev.portcullis.guest.pci.PciDevice;
import dev.portcullis.guest.pci.PciException;
import dev.portcullis.guest.port.GuestMachine;
import dev.portcullis.guest.port.MachineCheckException;
import dev.portcullis.guest.port.Processor;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/// Drives an NVMe controller with one namespace. Data go through buffers of the driver's, of 128
/// KiB.
///
/// A controller that does not answer in time, or says that it has failed, is stopped, reset if it
/// does not stop, and begun with anew; the commands it had are given to it once more. One that does
/// not come back is left alone.
public final class NvmeDriver implements BlockDevice, AutoCloseable {
  /// Class of such controllers.
  public static final int CLASS = 0x01_08_02;

  private static final int PAGE = PageAllocator.PAGE_BYTES;
  private static final int BUFFERS = 8;
  private static final int BUFFER_PAGES = 32;
  private static final int BUFFER_BYTES = BUFFER_PAGES * PAGE;
  private static final int QUEUE_BYTES = Session.MEMORY_PAGES * PAGE;
  private static final int LOOK_MILLIS = 100;
  private static final Duration LIMIT = Duration.ofSeconds(10);

  /// How often a command is given to a controller.
  private static final int TRIES = 3;

  private final Processor processor;
  private final PageSource memory;
  private final PciDevice pci;
  private final long limitMillis;
  private final BlockingQueue<Buffer> buffers = new ArrayBlockingQueue<>(BUFFERS);
  private final List<Buffer> allBuffers = new ArrayList<>();
  private final ControllerRegisters registers;
  private final Geometry geometry;
  private final int stepBytes;
  private long queues = -1;
  private long strays;
  private int restarts;

  /// `null` while the controller does not work; `broken` says why then.
  private volatile Session session;

  private NvmeException broken;

  /// Where data are on their way.
  ///
  /// @param gpa of 32 pages side by side
  /// @param list of a page with the addresses of all but the first
  private record Buffer(long gpa, long list) {}

  /// What has gone wrong since the driver took the controller.
  ///
  /// @param restarts how often it was begun with anew
  /// @param strays answers to nothing that was asked, which were dropped
  public record Counts(int restarts, long strays) {}

  /// Takes the controller and has it work.
  ///
  /// @throws NvmeException if it lacks what the driver needs, or does not answer
  public NvmeDriver(GuestMachine machine, PageSource memory, PciDevice pci) throws NvmeException {
    this(machine, memory, pci, LIMIT);
  }

  /// @param limit how long the controller may take to answer
  NvmeDriver(GuestMachine machine, PageSource memory, PciDevice pci, Duration limit)
      throws NvmeException {
    this.processor = machine.processor();
    this.memory = memory;
    this.pci = pci;
    this.limitMillis = limit.toMillis();
    boolean taken = false;
    try {
      registers = new ControllerRegisters(processor, pci);
      queues = memory.allocate(QUEUE_BYTES);
      makeBuffers();
      session = begin();
      geometry = session.geometry();
      stepBytes = (int) Math.min(BUFFER_BYTES, geometry.mostBytes());
      taken = true;
    } catch (OutOfMemoryException e) {
      throw new NvmeException(pci + ": " + e.getMessage(), e);
    } catch (MachineCheckException e) {
      throw gone(e);
    } finally {
      if (!taken) {
        close();
      }
    }
  }

  private void makeBuffers() throws OutOfMemoryException {
    for (int i = 0; i < BUFFERS; i++) {
      long gpa = memory.allocate(BUFFER_BYTES + PAGE);
      Buffer buffer = new Buffer(gpa, gpa + BUFFER_BYTES);
      allBuffers.add(buffer);
      buffers.add(buffer);
      for (int entry = 1; entry < BUFFER_PAGES; entry++) {
        processor.store(buffer.list + 8L * (entry - 1), 8, buffer.gpa + (long) entry * PAGE);
      }
    }
  }

  private NvmeException gone(MachineCheckException cause) {
    return new NvmeException(pci + ": it is gone", cause);
  }

  /// Stops the controller, whatever it does, and begins with it anew.
  private Session begin() throws NvmeException {
    stop();
    Session next = new Session(processor, pci, registers, queues, limitMillis);
    boolean started = false;
    try {
      next.start();
      started = true;
      return next;
    } finally {
      if (!started) {
        next.end();
      }
    }
  }

  /// When this returns the controller does no DMA: it has stopped, or was reset.
  private void stop() throws NvmeException {
    try {
      registers.disable();
    } catch (NvmeException e) {
      try {
        pci.reset();
        registers.disable();
      } catch (PciException reset) {
        e.addSuppressed(reset);
        throw e;
      }
    }
  }

  /// The controller as it works now.
  private Session session() throws NvmeException {
    Session now = session;
    if (now != null) {
      return now;
    }
    synchronized (this) {
      if (session == null) {
        throw new NvmeException(broken.getMessage(), broken);
      }
      return session;
    }
  }

  /// Begins anew after `failed`, unless another thread has done so.
  private synchronized void restart(Session failed, String why) throws NvmeException {
    if (session != failed) {
      return;
    }
    abandon(new NvmeException("%s: %s".formatted(pci, why)));
    restarts++;
    boolean begun = false;
    try {
      Session next = begin();
      if (!next.geometry().equals(geometry)) {
        next.end();
        throw new NvmeException(pci + ": it has become another disk");
      }
      session = next;
      begun = true;
    } catch (NvmeException e) {
      broken = e;
      throw e;
    } catch (MachineCheckException e) {
      broken = gone(e);
      throw broken;
    } finally {
      if (!begun) {
        pci.disableBusMaster();
      }
    }
  }

  private void abandon(NvmeException why) {
    broken = why;
    if (session != null) {
      strays += session.strays();
      session.end();
      session = null;
    }
  }

  private void execute(Command command, String what) throws NvmeException {
    for (int tries = 1; ; tries++) {
      Session now = session();
      String why;
      try {
        Completion completion = now.execute(command);
        if (!completion.isSuccess()) {
          throw new NvmeException(
              "%s: it does not %s: status %03xh".formatted(pci, what, completion.status() & 0x7ff),
              completion.status());
        }
        return;
      } catch (NoAnswerException e) {
        why = "told to %s, %s".formatted(what, e.getMessage());
      } catch (MachineCheckException e) {
        why = "it is gone";
      }
      restart(now, why);
      if (tries == TRIES) {
        throw new NvmeException("%s: %s, %d times".formatted(pci, why, tries));
      }
    }
  }

  @Override
  public int blockBytes() {
    return geometry.blockBytes();
  }

  @Override
  public long blocks() {
    return geometry.blocks();
  }

  @Override
  public void read(long block, MemorySegment to, long toOffset, long bytes)
      throws NvmeException, InterruptedException {
    check(block, bytes);
    for (long done = 0; done < bytes; done += stepBytes) {
      int step = (int) Math.min(stepBytes, bytes - done);
      Buffer buffer = takeBuffer();
      try {
        move(Command.READ, buffer, block + done / blockBytes(), step);
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
    for (long done = 0; done < bytes; done += stepBytes) {
      int step = (int) Math.min(stepBytes, bytes - done);
      Buffer buffer = takeBuffer();
      try {
        processor.write(buffer.gpa, from, fromOffset + done, step);
        move(Command.WRITE, buffer, block + done / blockBytes(), step);
      } finally {
        buffers.add(buffer);
      }
    }
  }

  /// Waits for one no longer than the driver works.
  private Buffer takeBuffer() throws NvmeException, InterruptedException {
    Buffer buffer = null;
    while (buffer == null) {
      session();
      buffer = buffers.poll(LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }
    return buffer;
  }

  private void check(long block, long bytes) throws NvmeException {
    if (bytes <= 0
        || bytes % blockBytes() != 0
        || block < 0
        || block > blocks() - bytes / blockBytes()) {
      throw new NvmeException("no %d bytes from block %d on".formatted(bytes, block));
    }
  }

  /// @nvme 4.3 Physical Region Page Entry and List
  private void move(int opcode, Buffer buffer, long block, int bytes) throws NvmeException {
    long second = bytes <= PAGE ? 0 : bytes <= 2 * PAGE ? buffer.gpa + PAGE : buffer.list;
    int count = bytes / blockBytes() - 1;
    execute(
        new Command(opcode, Session.NAMESPACE, buffer.gpa, second, block, count),
        opcode == Command.READ ? "read" : "write");
  }

  @Override
  public void flush() throws NvmeException {
    execute(new Command(Command.FLUSH, Session.NAMESPACE, 0, 0, 0, 0), "flush");
  }

  /// What has gone wrong until now.
  public synchronized Counts counts() {
    Session now = session;
    return new Counts(restarts, strays + (now == null ? 0 : now.strays()));
  }

  /// Has the controller stop, and gives back what the driver has taken. Those who wait for an
  /// answer get none.
  @Override
  public void close() {
    synchronized (this) {
      abandon(new NvmeException(pci + ": the driver is closed"));
      try {
        if (registers != null) {
          registers.disable();
        }
      } catch (NvmeException | MachineCheckException e) {
        // It is broken, or was pulled out: without bus mastering it does nothing more.
      }
      pci.disableBusMaster();
      if (queues >= 0) {
        memory.free(queues, QUEUE_BYTES);
        queues = -1;
      }
    }
    freeBuffers();
  }

  /// Those in use come back soon: their commands have failed.
  private void freeBuffers() {
    boolean interrupted = false;
    while (!allBuffers.isEmpty()) {
      try {
        Buffer buffer = buffers.take();
        allBuffers.remove(buffer);
        memory.free(buffer.gpa, BUFFER_BYTES + PAGE);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
