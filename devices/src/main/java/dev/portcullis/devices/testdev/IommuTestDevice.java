package dev.portcullis.devices.testdev;

import dev.portcullis.pci.Bar;
import dev.portcullis.pci.FunctionHeader;
import dev.portcullis.pci.IntxLine;
import dev.portcullis.pci.PciFunction;
import dev.portcullis.pci.UpstreamPort;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/// The device that QEMU 11.1 calls `iommu-testdev`: it writes a pattern to an address that a
/// remapping unit translates, reads physical memory where software says that this is, and compares.
///
/// ```
///  00 RO read: run the DMA if armed; reads 0    14 WO doorbell: bit 0 set arms, clear disarms
///  04 RW DMA address, bits 31:0                 18 RW attributes (of Arm systems)
///  08 RW DMA address, bits 63:32                1c RW physical address, bits 31:0
///  0c RW length, bytes                          20 RW physical address, bits 63:32
///  10 RW result
/// ```
///
/// Accesses have 4 bytes on a multiple of 4; one of 8 is two of them; all others read 0 and are
/// dropped. As in QEMU the DMA needs no bus mastering, and runs on the thread that reads the
/// trigger. A reset ends it at the next page.
public final class IommuTestDevice extends PciFunction {
  static final int TRIGGER = 0x00;
  static final int DMA_LOW = 0x04;
  static final int DMA_HIGH = 0x08;
  static final int LENGTH = 0x0c;
  static final int RESULT = 0x10;
  static final int DOORBELL = 0x14;
  static final int ATTRIBUTES = 0x18;
  static final int PHYSICAL_LOW = 0x1c;
  static final int PHYSICAL_HIGH = 0x20;

  private static final int ARM = 1;
  private static final int NON_SECURE = 2;

  /// What is written, over and over, little-endian.
  static final int PATTERN = 0x1234_5678;

  private static final int PATTERN_BYTES = 4;
  private static final int PAGE_BYTES = 4096;
  private static final int WINDOW_BYTES = 4096;

  private static final FunctionHeader HEADER =
      FunctionHeader.of(0x1b36, 0x0005).withClass(0x00ff00).withSubsystem(0x1af4, 0x1100);

  private final PhysicalReads physical;
  private final MemorySegment pattern = Arena.ofAuto().allocate(PAGE_BYTES + PATTERN_BYTES, 8);
  private final MemorySegment found = Arena.ofAuto().allocate(PAGE_BYTES, 8);

  /// Fair: a reset has its turn after the access under way, however fast others follow.
  private final Lock turn = new ReentrantLock(true);

  private UpstreamPort wire = UpstreamPort.unplugged();
  private long dmaAddress;
  private long physicalAddress;
  private int length;
  private int result = Result.IDLE.code();
  private int attributes = NON_SECURE;
  private boolean armed;
  private volatile boolean ending;

  /// A device that looks into `physical`.
  public IommuTestDevice(PhysicalReads physical) {
    super(HEADER, List.of(new Bar(0, WINDOW_BYTES, Bar.Width.MEMORY_32)), List.of());
    this.physical = physical;
    for (int i = 0; i < pattern.byteSize(); i++) {
      byte b = (byte) (PATTERN >>> 8 * (i % PATTERN_BYTES));
      pattern.set(ValueLayout.JAVA_BYTE, i, b);
    }
  }

  @Override
  public void connect(UpstreamPort upstream, IntxLine line) {
    wire = upstream;
    super.connect(upstream, line);
  }

  @Override
  public long readBar(int bar, long offset, int widthBytes) {
    if (offset % 4 != 0 || widthBytes < 4) {
      return 0;
    }
    turn.lock();
    try {
      long low = read((int) offset) & 0xffff_ffffL;
      return widthBytes == 4 ? low : low | (long) read((int) offset + 4) << 32;
    } finally {
      turn.unlock();
    }
  }

  private int read(int offset) {
    return switch (offset) {
      case TRIGGER -> {
        trigger();
        yield 0;
      }
      case DMA_LOW -> (int) dmaAddress;
      case DMA_HIGH -> (int) (dmaAddress >>> 32);
      case LENGTH -> length;
      case RESULT -> result;
      case ATTRIBUTES -> attributes;
      case PHYSICAL_LOW -> (int) physicalAddress;
      case PHYSICAL_HIGH -> (int) (physicalAddress >>> 32);
      default -> 0;
    };
  }

  @Override
  public void writeBar(int bar, long offset, int widthBytes, long value) {
    if (offset % 4 != 0 || widthBytes < 4) {
      return;
    }
    turn.lock();
    try {
      write((int) offset, (int) value);
      if (widthBytes == 8) {
        write((int) offset + 4, (int) (value >>> 32));
      }
    } finally {
      turn.unlock();
    }
  }

  private void write(int offset, int value) {
    switch (offset) {
      case DMA_LOW -> dmaAddress = low(dmaAddress, value);
      case DMA_HIGH -> dmaAddress = high(dmaAddress, value);
      case LENGTH -> length = value;
      case RESULT -> result = value;
      case DOORBELL -> {
        armed = (value & ARM) != 0;
        result = (armed ? Result.ARMED : Result.IDLE).code();
      }
      case ATTRIBUTES -> attributes = value;
      case PHYSICAL_LOW -> physicalAddress = low(physicalAddress, value);
      case PHYSICAL_HIGH -> physicalAddress = high(physicalAddress, value);
      default -> {}
    }
  }

  private static long low(long address, int bits) {
    return address & 0xffff_ffff_0000_0000L | bits & 0xffff_ffffL;
  }

  private static long high(long address, int bits) {
    return address & 0xffff_ffffL | (long) bits << 32;
  }

  private void trigger() {
    result = (armed ? run() : Result.NOT_ARMED).code();
    armed = false;
  }

  private Result run() {
    if (length == 0) {
      return Result.NO_LENGTH;
    }
    if (areAttributesContradictory()) {
      return Result.BAD_ATTRIBUTES;
    }
    long lengthBytes = Integer.toUnsignedLong(length);
    return write(lengthBytes) ? compare(lengthBytes) : Result.WRITE_REFUSED;
  }

  /// Bit 0 says secure, bits 2:1 name the space if bit 3 says that they do: 0 secure, 1 not.
  private boolean areAttributesContradictory() {
    int space = attributes >> 1 & 3;
    boolean secure = (attributes & 1) != 0;
    boolean named = (attributes & 8) != 0;
    return named && space <= 1 && secure != (space == 0);
  }

  /// Each page is tried, whatever became of the one before.
  private boolean write(long lengthBytes) {
    boolean written = true;
    for (long done = 0; done < lengthBytes && !ending; ) {
      long iova = dmaAddress + done;
      long step = Math.min(lengthBytes - done, PAGE_BYTES - (iova & PAGE_BYTES - 1));
      written &= wire.write(iova, pattern, done % PATTERN_BYTES, step).isSuccess();
      done += step;
    }
    return written;
  }

  private Result compare(long lengthBytes) {
    for (long done = 0; done < lengthBytes && !ending; done += PAGE_BYTES) {
      long step = Math.min(lengthBytes - done, PAGE_BYTES);
      if (!physical.read(physicalAddress + done, found, 0, step)) {
        return Result.READ_REFUSED;
      }
      if (MemorySegment.mismatch(pattern, 0, step, found, 0, step) >= 0) {
        return Result.MISMATCH;
      }
    }
    return Result.GOOD;
  }

  @Override
  public void reset() {
    ending = true;
    turn.lock();
    try {
      ending = false;
      dmaAddress = 0;
      physicalAddress = 0;
      length = 0;
      result = Result.IDLE.code();
      attributes = NON_SECURE;
      armed = false;
      super.reset();
    } finally {
      turn.unlock();
    }
  }
}
