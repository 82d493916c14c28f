package dev.portcullis.guest.pio;

import dev.portcullis.guest.block.BlockDevice;
import dev.portcullis.guest.block.DiskException;
import dev.portcullis.guest.pci.PciDevice;
import dev.portcullis.guest.pci.PciException;
import dev.portcullis.guest.port.Processor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// Drives a disk whose sectors pass through a register, 16 bits at a time: looks at the status
/// before each sector, then moves its 256 words.
public final class PioDiskDriver implements BlockDevice {
  /// Vendor and device.
  public static final long ID = 0xd3a2_1234L;

  private static final int DATA = 0x00;
  private static final int COUNT = 0x04;
  private static final int SECTOR = 0x08;
  private static final int COMMAND = 0x10;
  private static final int CAPACITY = 0x18;

  private static final int READ = 0x20;
  private static final int WRITE = 0x30;
  private static final int FLUSH = 0xe7;

  private static final int FAILED = 0x01;
  private static final int DATA_READY = 0x08;

  private static final int SECTOR_BYTES = 512;
  private static final int MOST_BYTES = 256 * SECTOR_BYTES;
  private static final ValueLayout.OfShort WORD =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final Processor processor;
  private final PciDevice pci;
  private final long registers;
  private final long sectors;

  /// @throws PciException if the disk has no registers
  public PioDiskDriver(Processor processor, PciDevice pci) throws PciException {
    this.processor = processor;
    this.pci = pci;
    this.registers = pci.window(0).orElseThrow(() -> new PciException(pci, "it has no registers"));
    this.sectors =
        processor.load(registers + CAPACITY, 4) | processor.load(registers + CAPACITY + 4, 4) << 32;
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
  public synchronized void read(long block, MemorySegment to, long toOffset, long bytes)
      throws DiskException {
    check(block, bytes);
    for (long done = 0; done < bytes; done += SECTOR_BYTES) {
      if (done % MOST_BYTES == 0) {
        begin(READ, block + done / SECTOR_BYTES, bytes - done);
      }
      awaitSector();
      for (long at = 0; at < SECTOR_BYTES; at += 2) {
        to.set(WORD, toOffset + done + at, (short) processor.load(registers + DATA, 2));
      }
    }
    demandGoodEnd();
  }

  @Override
  public synchronized void write(long block, MemorySegment from, long fromOffset, long bytes)
      throws DiskException {
    check(block, bytes);
    for (long done = 0; done < bytes; done += SECTOR_BYTES) {
      if (done % MOST_BYTES == 0) {
        begin(WRITE, block + done / SECTOR_BYTES, bytes - done);
      }
      awaitSector();
      for (long at = 0; at < SECTOR_BYTES; at += 2) {
        processor.store(registers + DATA, 2, from.get(WORD, fromOffset + done + at) & 0xffff);
      }
    }
    demandGoodEnd();
  }

  @Override
  public synchronized void flush() throws DiskException {
    processor.store(registers + COMMAND, 1, FLUSH);
    demandGoodEnd();
  }

  private void check(long block, long bytes) throws DiskException {
    if (bytes <= 0
        || bytes % SECTOR_BYTES != 0
        || block < 0
        || block > sectors - bytes / SECTOR_BYTES) {
      throw new DiskException("no %d bytes from block %d on".formatted(bytes, block));
    }
  }

  private void begin(int command, long sector, long leftBytes) throws DiskException {
    demandGoodEnd();
    processor.store(registers + COUNT, 2, Math.min(MOST_BYTES, leftBytes) / SECTOR_BYTES);
    processor.store(registers + SECTOR, 4, sector & 0xffff_ffffL);
    processor.store(registers + SECTOR + 4, 4, sector >>> 32);
    processor.store(registers + COMMAND, 1, command);
  }

  private void awaitSector() throws DiskException {
    if ((processor.load(registers + COMMAND, 1) & DATA_READY) == 0) {
      throw new DiskException(pci + ": the disk has no sector ready");
    }
  }

  private void demandGoodEnd() throws DiskException {
    if ((processor.load(registers + COMMAND, 1) & FAILED) != 0) {
      throw new DiskException(pci + ": the command failed");
    }
  }
}
