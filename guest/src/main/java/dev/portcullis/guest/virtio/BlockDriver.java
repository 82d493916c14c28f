package dev.portcullis.guest.virtio;

import dev.portcullis.guest.block.BlockDevice;
import dev.portcullis.guest.block.DiskException;
import dev.portcullis.guest.memory.OutOfMemoryException;
import dev.portcullis.guest.memory.PageAllocator;
import dev.portcullis.guest.pci.PciDevice;
import dev.portcullis.guest.pci.PciException;
import dev.portcullis.guest.port.GuestMachine;
import dev.portcullis.guest.port.InterruptVector;
import dev.portcullis.guest.port.MachineCheckException;
import dev.portcullis.guest.port.Processor;
import dev.portcullis.guest.virtio.Ring.Direction;
import dev.portcullis.guest.virtio.Ring.Events;
import dev.portcullis.guest.virtio.Ring.Follows;
import dev.portcullis.guest.virtio.Ring.Part;
import dev.portcullis.guest.virtio.Ring.Used;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Drives a virtio disk. Each request is one entry of the ring with a table of three descriptors:
/// what is asked, the data, how it ended. Data go through buffers of the driver's, of 64 KiB.
///
/// A disk that breaks the rules is reset and not used any more.
///
/// ```
///  page of a request:  00 type  08 sector   10 status   20 table of three descriptors
/// ```
///
/// @virtio 5.2 Block Device
public final class BlockDriver implements BlockDevice, AutoCloseable {
  /// Vendor and device.
  public static final long ID = 0x1042_1af4L;

  private static final long SIZE_MAX = 1L << 1;
  private static final long FLUSH = 1L << 9;

  private static final int READ_TYPE = 0;
  private static final int WRITE_TYPE = 1;
  private static final int FLUSH_TYPE = 4;

  private static final int SECTOR_BYTES = 512;
  private static final int CONFIG_BYTES = 12;
  private static final int REQUESTS = 0;
  private static final int ENTRIES = 8;
  private static final int BUFFER_BYTES = 64 << 10;
  private static final int HEADER_BYTES = 16;
  private static final int STATUS = 0x10;
  private static final int TABLE = 0x20;

  private static final int CONFIG_VECTOR = 0;
  private static final int REQUEST_VECTOR = 1;
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final int LOOK_MILLIS = 100;

  /// The ring's page, those of the requests, the buffers.
  private static final int PAGE = PageAllocator.PAGE_BYTES;

  private static final long BYTES = PAGE + (long) ENTRIES * (PAGE + BUFFER_BYTES);

  private final Processor processor;
  private final PageAllocator memory;
  private final PciDevice pci;
  private final VirtioDevice device;
  private final List<InterruptVector> vectors = new ArrayList<>();
  private final long limitMillis;
  private final RingLayout layout;
  private final Ring ring;
  private final Deque<Integer> idle = new ArrayDeque<>(ENTRIES);
  private final boolean[] underWay = new boolean[ENTRIES];
  private final long sectors;
  private final int mostBytes;
  private final boolean flushes;
  private long base = -1;
  private int inUse;
  private boolean dead;

  /// Takes the disk and has it work.
  ///
  /// @throws VirtioException if the disk lacks what the driver needs
  public BlockDriver(GuestMachine machine, PageAllocator memory, PciDevice pci)
      throws VirtioException {
    this(machine, memory, pci, LIMIT);
  }

  /// @param limit how long the disk may take to answer
  BlockDriver(GuestMachine machine, PageAllocator memory, PciDevice pci, Duration limit)
      throws VirtioException {
    this.processor = machine.processor();
    this.memory = memory;
    this.pci = pci;
    this.limitMillis = limit.toMillis();
    boolean taken = false;
    try {
      device = new VirtioDevice(processor, pci, CONFIG_BYTES);
      device.reset();
      long features = device.negotiate(SIZE_MAX | FLUSH | VirtioDevice.INDIRECT_DESC);
      if ((features & VirtioDevice.INDIRECT_DESC) == 0 || device.queueSize(REQUESTS) < ENTRIES) {
        throw new VirtioException(
            pci + ": a disk without tables of descriptors, or without a queue");
      }
      flushes = (features & FLUSH) != 0;
      sectors = sectors();
      mostBytes = mostBytes((features & SIZE_MAX) != 0 ? config(8, 4) : BUFFER_BYTES);
      base = memory.allocate(BYTES);
      layout = new RingLayout(base, ENTRIES);
      ring = new Ring(processor, layout, REQUESTS, Events.FLAGS);
      pci.enableBusMaster();
      vectors.add(pci.connect(CONFIG_VECTOR, this::configChanged));
      vectors.add(pci.connect(REQUEST_VECTOR, this::poll));
      begin();
      taken = true;
    } catch (OutOfMemoryException | PciException e) {
      throw new VirtioException(pci + ": " + e.getMessage(), e);
    } catch (MachineCheckException e) {
      throw new VirtioException(pci + ": it is gone", e);
    } finally {
      if (!taken) {
        close();
      }
    }
  }

  private long sectors() throws VirtioException {
    long count = config(0, 8);
    if (count <= 0 || count > Long.MAX_VALUE / SECTOR_BYTES) {
      throw new VirtioException("%s: %d sectors make no disk".formatted(pci, count));
    }
    return count;
  }

  private void begin() throws VirtioException {
    for (int entry = 0; entry < ENTRIES; entry++) {
      idle.add(entry);
    }
    device.configVector(CONFIG_VECTOR);
    ring.doorbell(device.enable(REQUESTS, layout, REQUEST_VECTOR));
    device.ready();
  }

  private long config(int offset, int bytes) {
    long value = 0;
    for (int i = 0; i < bytes; i++) {
      value |= (device.config(offset + i) & 0xffL) << 8 * i;
    }
    return value;
  }

  private int mostBytes(long limit) throws VirtioException {
    if (limit < SECTOR_BYTES) {
      throw new VirtioException(pci + ": no sector fits into " + limit + " bytes");
    }
    return (int) Math.min(BUFFER_BYTES, limit & -SECTOR_BYTES);
  }

  @Override
  public int blockBytes() {
    return SECTOR_BYTES;
  }

  @Override
  public long blocks() {
    return sectors;
  }

  @Override
  public void read(long block, MemorySegment to, long toOffset, long bytes)
      throws DiskException, InterruptedException {
    check(block, bytes);
    for (long done = 0; done < bytes; done += mostBytes) {
      int step = (int) Math.min(mostBytes, bytes - done);
      int entry = take();
      try {
        request(entry, READ_TYPE, block + done / SECTOR_BYTES, step);
        processor.read(buffer(entry), to, toOffset + done, step);
      } finally {
        giveBack(entry);
      }
    }
  }

  @Override
  public void write(long block, MemorySegment from, long fromOffset, long bytes)
      throws DiskException, InterruptedException {
    check(block, bytes);
    for (long done = 0; done < bytes; done += mostBytes) {
      int step = (int) Math.min(mostBytes, bytes - done);
      int entry = take();
      try {
        processor.write(buffer(entry), from, fromOffset + done, step);
        request(entry, WRITE_TYPE, block + done / SECTOR_BYTES, step);
      } finally {
        giveBack(entry);
      }
    }
  }

  @Override
  public void flush() throws DiskException, InterruptedException {
    if (flushes) {
      int entry = take();
      try {
        request(entry, FLUSH_TYPE, 0, 0);
      } finally {
        giveBack(entry);
      }
    }
  }

  private void check(long block, long bytes) throws DiskException {
    if (bytes <= 0
        || bytes % SECTOR_BYTES != 0
        || block < 0
        || block > sectors - bytes / SECTOR_BYTES) {
      throw new DiskException("no %d bytes from block %d on".formatted(bytes, block));
    }
  }

  private long buffer(int entry) {
    return base + (1L + ENTRIES) * PAGE + (long) entry * BUFFER_BYTES;
  }

  private long page(int entry) {
    return base + (1L + entry) * PAGE;
  }

  private synchronized int take() throws DiskException, InterruptedException {
    demandAlive();
    while (idle.isEmpty()) {
      wait(LOOK_MILLIS);
      demandAlive();
    }
    inUse++;
    return idle.poll();
  }

  /// What the device may still be at work on is never used again.
  private synchronized void giveBack(int entry) {
    inUse--;
    if (!underWay[entry]) {
      idle.add(entry);
    }
    notifyAll();
  }

  /// Has the disk carry out a request, and waits for its end. An interrupt of the thread is put
  /// off: the disk may be at work on the buffer.
  private synchronized void request(int entry, int type, long sector, int bytes)
      throws DiskException {
    submit(entry, type, sector, bytes);
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(limitMillis);
    boolean interrupted = false;
    try {
      while (underWay[entry]) {
        interrupted |= await(deadline);
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
    long status = processor.load(page(entry) + STATUS, 1);
    if (status != 0) {
      throw new DiskException("%s: the disk refuses: status %d".formatted(pci, status));
    }
  }

  private void submit(int entry, int type, long sector, int bytes) throws DiskException {
    demandAlive();
    long page = page(entry);
    processor.store(page, 8, type);
    processor.store(page + 8, 8, sector);
    processor.store(page + STATUS, 1, 0xff);
    Direction direction = type == READ_TYPE ? Direction.FROM_DEVICE : Direction.TO_DEVICE;
    int parts = 0;
    Part header = new Part(page, HEADER_BYTES, Direction.TO_DEVICE);
    ring.part(page + TABLE, parts++, header, Follows.MORE);
    if (bytes > 0) {
      Part data = new Part(buffer(entry), bytes, direction);
      ring.part(page + TABLE, parts++, data, Follows.MORE);
    }
    Part status = new Part(page + STATUS, 1, Direction.FROM_DEVICE);
    ring.part(page + TABLE, parts++, status, Follows.NOTHING);
    ring.describeTable(entry, page + TABLE, parts);
    underWay[entry] = true;
    ring.offer(entry);
    try {
      ring.publish();
    } catch (MachineCheckException e) {
      stop();
      throw new DiskException(pci + ": the disk is gone", e);
    }
  }

  private void demandAlive() throws DiskException {
    if (dead) {
      throw new DiskException(pci + ": the disk was stopped");
    }
  }

  /// Waits for anything to happen.
  ///
  /// @return whether the thread was interrupted
  private boolean await(long deadline) throws DiskException {
    demandAlive();
    long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
    if (left <= 0) {
      stop();
      throw new DiskException(pci + ": the disk does not answer");
    }
    boolean interrupted = false;
    long before = System.nanoTime();
    try {
      wait(Math.min(left, LOOK_MILLIS));
    } catch (InterruptedException e) {
      interrupted = true;
    }
    poll();
    if (System.nanoTime() - before >= TimeUnit.MILLISECONDS.toNanos(LOOK_MILLIS)) {
      configChanged();
    }
    return interrupted;
  }

  /// Takes what the disk is done with: called by its interrupt, and by those who wait.
  private synchronized void poll() {
    try {
      for (Used used = dead ? null : ring.take(); used != null; used = ring.take()) {
        underWay[used.entry()] = false;
      }
    } catch (VirtioException e) {
      stop();
    }
    notifyAll();
  }

  /// One that has failed, or is gone, is stopped.
  private synchronized void configChanged() {
    try {
      if (!dead && (device.status() & VirtioDevice.NEEDS_RESET) != 0) {
        stop();
      }
    } catch (MachineCheckException gone) {
      stop();
    }
  }

  /// Those who wait give up.
  private void stop() {
    dead = true;
    try {
      if (device != null) {
        device.reset();
      }
    } catch (VirtioException | MachineCheckException e) {
      // It is broken, or was pulled out: without bus mastering it does nothing more.
    }
    pci.disableBusMaster();
    notifyAll();
  }

  /// Gives the disk and its memory back. Those who wait for an answer get none.
  @Override
  public synchronized void close() {
    stop();
    vectors.forEach(InterruptVector::close);
    vectors.clear();
    awaitUsers();
    if (base >= 0) {
      memory.free(base, BYTES);
      base = -1;
    }
  }

  /// Their requests have failed: they give their entries back soon.
  private void awaitUsers() {
    boolean interrupted = false;
    while (inUse > 0) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
