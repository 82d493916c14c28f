package dev.portcullis.vfiouser.server;

import dev.portcullis.linux.Errno;
import dev.portcullis.pci.Bar;
import dev.portcullis.pci.ConfigSpace;
import dev.portcullis.pci.PciFunction;
import dev.portcullis.vfiouser.wire.IrqIndex;
import dev.portcullis.vfiouser.wire.ProtocolException;
import dev.portcullis.vfiouser.wire.Wire;
import java.lang.foreign.MemorySegment;

/// The function as one client sees it: windows and configuration space as numbered regions, with
/// its capabilities from the start or late.
final class Regions {
  static final int COUNT = 9;
  static final int CONFIG = 7;

  private static final int STATUS = 0x06;
  private static final int CAPABILITIES_LISTED = 1 << 4;
  private static final int CAPABILITIES_POINTER = 0x34;
  private static final int INTERRUPT_PIN = 0x3d;
  private static final int HEADER_END = 0x40;
  private static final int MSI = 0x05;
  private static final int MSIX = 0x11;

  private final PciFunction function;
  private final long[] sizes = new long[COUNT];
  private boolean hiding;

  Regions(PciFunction function, Capabilities shown) {
    this.function = function;
    for (Bar bar : function.bars()) {
      sizes[bar.index()] = bar.sizeBytes();
    }
    sizes[CONFIG] = ConfigSpace.SIZE_BYTES;
    hiding = shown == Capabilities.LATE;
  }

  /// Size of a region in bytes, 0 for one that is not there.
  ///
  /// @throws ProtocolException EINVAL if no function has a region with that number
  long sizeBytes(long region) throws ProtocolException {
    if (region >= COUNT) {
      throw ProtocolException.refused(Errno.EINVAL, "no region " + region);
    }
    return sizes[(int) region];
  }

  /// Holds an access to its region.
  void check(long region, long offset, long count) throws ProtocolException {
    long sizeBytes = sizeBytes(region);
    if (offset < 0 || count <= 0 || offset > sizeBytes - count) {
      throw ProtocolException.refused(
          Errno.EINVAL,
          "%d bytes at %#x of region %d, which has %#x"
              .formatted(count, offset, region, sizeBytes));
    }
  }

  /// Reads `count` bytes that passed [#check], in naturally aligned accesses of up to 8 bytes.
  void read(int region, long offset, long count, MemorySegment to, long at) {
    long done = 0;
    while (done < count) {
      int width = width(offset + done, count - done);
      Wire.putNumber(to, at + done, width, readOne(region, offset + done, width));
      done += width;
    }
  }

  /// Writes `count` bytes that passed [#check], in naturally aligned accesses of up to 8 bytes.
  void write(int region, long offset, long count, MemorySegment from, long at) {
    long done = 0;
    while (done < count) {
      int width = width(offset + done, count - done);
      writeOne(region, offset + done, width, Wire.number(from, at + done, width));
      done += width;
    }
  }

  /// The widest access at `offset` that is aligned and not longer than `left`.
  private static int width(long offset, long left) {
    return (int) Math.min(Long.lowestOneBit(offset | 8), Long.highestOneBit(Math.min(left, 8)));
  }

  private long readOne(int region, long offset, int width) {
    return region == CONFIG
        ? readConfig((int) offset, width)
        : function.readBar(region, offset, width);
  }

  private void writeOne(int region, long offset, int width, long value) {
    if (region != CONFIG) {
      function.writeBar(region, offset, width, value);
    } else if (!hiding || offset < HEADER_END) {
      function.writeConfig((int) offset, width, value);
    }
  }

  private long readConfig(int offset, int width) {
    long value = function.readConfig(offset, width);
    if (!hiding) {
      return value;
    }
    if (offset >= HEADER_END) {
      return 0;
    }
    long hidden =
        inPlace(CAPABILITIES_LISTED, STATUS, offset, width)
            | inPlace(0xff, CAPABILITIES_POINTER, offset, width);
    return value & ~hidden;
  }

  /// The bits `mask` of the byte at `at` as they stand in an access of `width` bytes at `offset`.
  private static long inPlace(long mask, int at, int offset, int width) {
    return at >= offset && at < offset + width ? mask << 8 * (at - offset) : 0;
  }

  /// Resets the function. What was hidden shows from now on.
  void reset() {
    function.reset();
    hiding = false;
  }

  /// How many interrupts of a type there are, as far as the client can know.
  int interrupts(IrqIndex index) {
    return switch (index) {
      case INTX -> isPresent() && readConfig(INTERRUPT_PIN, 1) != 0 ? 1 : 0;
      case MSI -> {
        int control = control(MSI);
        yield control < 0 ? 0 : 1 << (control >> 1 & 7);
      }
      case MSIX -> {
        int control = control(MSIX);
        yield control < 0 ? 0 : (control & 0x7ff) + 1;
      }
      case ERR, REQ -> 1;
    };
  }

  /// The control register of a capability, -1 if it is not there.
  private int control(int capability) {
    if (!isPresent() || (readConfig(STATUS, 1) & CAPABILITIES_LISTED) == 0) {
      return -1;
    }
    int at = (int) readConfig(CAPABILITIES_POINTER, 1) & 0xfc;
    // As many as there is room for: the list may be a loop.
    for (int i = 0; i < 48 && at >= HEADER_END; i++) {
      if (readConfig(at, 1) == capability) {
        return (int) readConfig(at + 2, 2);
      }
      at = (int) readConfig(at + 1, 1) & 0xfc;
    }
    return -1;
  }

  private boolean isPresent() {
    return readConfig(0, 2) != 0xffff;
  }
}
