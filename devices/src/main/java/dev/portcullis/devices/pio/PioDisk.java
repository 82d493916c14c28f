package dev.portcullis.devices.pio;

import dev.portcullis.devices.block.BlockBackend;
import dev.portcullis.pci.Bar;
import dev.portcullis.pci.FunctionHeader;
import dev.portcullis.pci.PciFunction;
import dev.portcullis.pci.PowerManagement;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;

/// A disk whose sectors pass through one register, 16 bits at a time, as those of an ATA disk do
/// without DMA. Software looks at the status before each sector; there is no interrupt.
///
/// ```
///  00 RW data, 16 bits       04 RW count, sectors, 16 bits: 1 to 256
///  08 RW sector, low 32      0c RW sector, high 32
///  10 RO status: 1 the command failed, 8 a sector is ready to be moved, 40 no command at work
///     WO command: 20 read, 30 write, e7 flush
///  18 RO capacity, low 32    1c RO capacity, high 32, sectors of 512 bytes
/// ```
///
/// An access of another width, or to another register, reads zeroes and changes nothing.
public final class PioDisk extends PciFunction {
  static final int DATA = 0x00;
  static final int COUNT = 0x04;
  static final int SECTOR = 0x08;
  static final int SECTOR_HIGH = 0x0c;
  static final int COMMAND = 0x10;
  static final int CAPACITY = 0x18;
  static final int CAPACITY_HIGH = 0x1c;

  static final int READ = 0x20;
  static final int WRITE = 0x30;
  static final int FLUSH = 0xe7;

  static final int FAILED = 0x01;
  static final int DATA_READY = 0x08;
  static final int IDLE = 0x40;

  private static final int SECTOR_BYTES = 512;
  private static final int MOST_SECTORS = 256;
  private static final int WINDOW_BYTES = 4096;
  private static final ValueLayout.OfShort WORD =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final FunctionHeader HEADER =
      FunctionHeader.of(0x1234, 0xd3a2).withClass(0x01_80_00);

  private final BlockBackend backend;
  private final MemorySegment buffer = Arena.ofAuto().allocate(SECTOR_BYTES, 64);
  private int count;
  private long sector;
  private int status = IDLE;
  private int command;
  private int at;
  private int left;

  /// @param backend what keeps its bytes, a multiple of 512; closed with the disk
  public PioDisk(BlockBackend backend) {
    super(
        HEADER,
        List.of(new Bar(0, WINDOW_BYTES, Bar.Width.MEMORY_32)),
        List.of(new PowerManagement()));
    this.backend = backend;
  }

  private long capacity() {
    return backend.sizeBytes() / SECTOR_BYTES;
  }

  @Override
  public long readBar(int bar, long offset, int widthBytes) {
    if (widthBytes == 2) {
      return offset == DATA ? takeWord() : offset == COUNT ? count : 0;
    }
    if (widthBytes != 4) {
      return offset == COMMAND && widthBytes == 1 ? status : 0;
    }
    return switch ((int) offset) {
      case SECTOR -> sector & 0xffff_ffffL;
      case SECTOR_HIGH -> sector >>> 32;
      case COMMAND -> status;
      case CAPACITY -> capacity() & 0xffff_ffffL;
      case CAPACITY_HIGH -> capacity() >>> 32;
      default -> 0;
    };
  }

  private long takeWord() {
    if ((status & DATA_READY) == 0 || command != READ) {
      return 0;
    }
    long word = buffer.get(WORD, at) & 0xffff;
    at += 2;
    if (at == SECTOR_BYTES) {
      left--;
      sector++;
      status = left > 0 ? fill() : IDLE;
    }
    return word;
  }

  @Override
  public void writeBar(int bar, long offset, int widthBytes, long value) {
    if (offset == DATA || offset == COUNT) {
      writeNarrow((int) offset, widthBytes, (int) value & 0xffff);
    } else if (offset == COMMAND && widthBytes == 1) {
      begin((int) value & 0xff);
    } else if (widthBytes == 4 && (status & DATA_READY) == 0) {
      long half = value & 0xffff_ffffL;
      if (offset == SECTOR) {
        sector = sector & -1L << 32 | half;
      } else if (offset == SECTOR_HIGH) {
        sector = sector & 0xffff_ffffL | half << 32;
      }
    }
  }

  private void writeNarrow(int register, int widthBytes, int value) {
    if (widthBytes != 2) {
      return;
    }
    if (register == DATA) {
      putWord(value);
    } else if ((status & DATA_READY) == 0) {
      count = value;
    }
  }

  private void putWord(int word) {
    if ((status & DATA_READY) == 0 || command != WRITE) {
      return;
    }
    buffer.set(WORD, at, (short) word);
    at += 2;
    if (at == SECTOR_BYTES) {
      status = store();
    }
  }

  /// A command ends whatever is at work.
  private void begin(int asked) {
    command = asked;
    left = count;
    at = 0;
    status =
        switch (asked) {
          case READ -> isOnDisk() ? fill() : IDLE | FAILED;
          case WRITE -> isOnDisk() && !backend.isReadOnly() ? IDLE | DATA_READY : IDLE | FAILED;
          case FLUSH -> flush();
          default -> IDLE | FAILED;
        };
  }

  private boolean isOnDisk() {
    return count >= 1
        && count <= MOST_SECTORS
        && count <= capacity()
        && Long.compareUnsigned(sector, capacity() - count) <= 0;
  }

  private int fill() {
    at = 0;
    try {
      backend.read(sector * SECTOR_BYTES, buffer.asByteBuffer());
      return IDLE | DATA_READY;
    } catch (IOException e) {
      return IDLE | FAILED;
    }
  }

  private int store() {
    at = 0;
    try {
      backend.write(sector * SECTOR_BYTES, buffer.asByteBuffer());
    } catch (IOException e) {
      return IDLE | FAILED;
    }
    left--;
    sector++;
    return left > 0 ? IDLE | DATA_READY : IDLE;
  }

  private int flush() {
    try {
      backend.flush();
      return IDLE;
    } catch (IOException e) {
      return IDLE | FAILED;
    }
  }

  @Override
  public void reset() {
    count = 0;
    sector = 0;
    command = 0;
    status = IDLE;
    buffer.fill((byte) 0);
    super.reset();
  }

  @Override
  public void close() {
    try {
      backend.close();
    } catch (IOException e) {
      throw new UncheckedIOException("the disk does not close", e);
    }
  }
}
