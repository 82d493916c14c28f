package dev.portcullis.vmm.iomodel;

import dev.portcullis.guest.block.BlockDevice;
import dev.portcullis.guest.block.DiskException;
import dev.portcullis.guest.memory.PageAllocator;
import dev.portcullis.guest.nvme.NvmeDriver;
import dev.portcullis.guest.pci.PciBus;
import dev.portcullis.guest.pci.PciDevice;
import dev.portcullis.guest.pio.PioDiskDriver;
import dev.portcullis.guest.port.GuestMachine;
import dev.portcullis.guest.virtio.BlockDriver;
import dev.portcullis.vmm.iomodel.Measurement.Work;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import java.util.function.DoubleConsumer;
import java.util.zip.CRC32C;

/// Writes to a disk, flushes, and reads back what was written.
final class DiskTrial implements Trial {
  static final int OPERATION_BYTES = 64 << 10;

  /// How much is written before it is read back.
  static final long DISK_BYTES = 64 << 20;

  private static final int PROGRESS_STEP = 16;
  private static final long SEED = 2007;
  private static final ValueLayout.OfLong STAMP = ValueLayout.JAVA_LONG_UNALIGNED;

  private final BlockDevice disk;
  private final Runnable close;
  private final byte[] data = new byte[OPERATION_BYTES];
  private final MemorySegment segment = MemorySegment.ofArray(data);

  private DiskTrial(BlockDevice disk, Runnable close) {
    this.disk = disk;
    this.close = close;
  }

  static Trial on(GuestMachine machine, IoModel model) throws Exception {
    PageAllocator memory = new PageAllocator(machine.ramBytes());
    // The host bridge is the first.
    PciDevice device = new PciBus(machine).scan().getLast();
    return switch (model) {
      case EMULATED -> new DiskTrial(new PioDiskDriver(machine.processor(), device), () -> {});
      case PARAVIRTUAL -> {
        BlockDriver driver = new BlockDriver(machine, memory, device);
        yield new DiskTrial(driver, driver::close);
      }
      case DIRECT -> {
        NvmeDriver driver = new NvmeDriver(machine, memory, device);
        yield new DiskTrial(driver, driver::close);
      }
    };
  }

  @Override
  public Work work(long bytes, DoubleConsumer progress) throws DiskException, InterruptedException {
    long operations = Math.max(1, (bytes + OPERATION_BYTES - 1) / OPERATION_BYTES);
    long most = DISK_BYTES / OPERATION_BYTES;
    CRC32C sent = new CRC32C();
    CRC32C received = new CRC32C();
    for (long first = 0; first < operations; first += most) {
      long round = Math.min(most, operations - first);
      double whole = 2.0 * operations;
      double before = 2 * first / whole;
      write(first, round, sent, done -> progress.accept(before + done / whole));
      read(round, received, done -> progress.accept(before + (round + done) / whole));
    }
    return new Work(
        2 * operations, 2 * operations * OPERATION_BYTES, sent.getValue(), received.getValue());
  }

  private long block(long operation) {
    return operation * (OPERATION_BYTES / disk.blockBytes());
  }

  /// No two operations write the same.
  private void write(long first, long count, CRC32C sum, DoubleConsumer progress)
      throws DiskException, InterruptedException {
    new SplittableRandom(SEED).nextBytes(data);
    for (long i = 0; i < count; i++) {
      segment.set(STAMP, 0, first + i);
      sum.update(data);
      disk.write(block(i), segment, 0, OPERATION_BYTES);
      tell(i, progress);
    }
    disk.flush();
  }

  private void read(long count, CRC32C sum, DoubleConsumer progress)
      throws DiskException, InterruptedException {
    for (long i = 0; i < count; i++) {
      disk.read(block(i), segment, 0, OPERATION_BYTES);
      sum.update(data);
      tell(i, progress);
    }
  }

  private static void tell(long done, DoubleConsumer progress) {
    if (done % PROGRESS_STEP == 0) {
      progress.accept(done);
    }
  }

  @Override
  public void close() {
    close.run();
  }
}
