package dev.portcullis.memory;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// A region whose bytes are mapped into this process.
///
/// The mapping may be withdrawn while others use it: closing its arena makes later accesses abort.
/// It may also be shorter than it claims, when another process has cut the file behind it; an
/// access past its end aborts too.
public final class MappedRegion extends MemoryRegion {
  private static final VarHandle INT =
      ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
  private static final VarHandle LONG =
      ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();

  /// Software that rewrites an entry without pause gets halves of two, and does not hold us up.
  private static final int FETCH_TRIES = 1_000;

  private final MemorySegment bytes;

  /// The region at physical address `base` that consists of `bytes`.
  ///
  /// @throws IllegalArgumentException if `bytes` is on the Java heap, or it or `base` is not
  ///   aligned to 16 bytes
  public MappedRegion(long base, MemorySegment bytes, Access access) {
    super(base, bytes.byteSize(), access);
    if (!bytes.isNative() || ((bytes.address() | base) & 15) != 0) {
      throw new IllegalArgumentException("physical memory must be native and aligned to 16 bytes");
    }
    this.bytes = bytes;
  }

  @Override
  boolean read(long offset, MemorySegment to, long toOffset, long lengthBytes) {
    try {
      MemorySegment.copy(bytes, offset, to, toOffset, lengthBytes);
      return true;
    } catch (IllegalStateException | InternalError gone) {
      return aborted();
    }
  }

  @Override
  boolean write(long offset, MemorySegment from, long fromOffset, long lengthBytes) {
    if (!isWritable()) {
      return false;
    }
    try {
      MemorySegment.copy(from, fromOffset, bytes, offset, lengthBytes);
      return true;
    } catch (IllegalStateException | InternalError gone) {
      return aborted();
    }
  }

  @Override
  boolean fetch64(long offset, Fetched into) {
    try {
      into.lo = (long) LONG.getAcquire(bytes, offset);
      return true;
    } catch (IllegalStateException | InternalError gone) {
      return aborted();
    }
  }

  @Override
  boolean fetch128(long offset, Fetched into) {
    try {
      long lo = (long) LONG.getAcquire(bytes, offset);
      for (int tries = 1; ; tries++) {
        long hi = (long) LONG.getAcquire(bytes, offset + 8);
        long again = (long) LONG.getAcquire(bytes, offset);
        if (again == lo || tries == FETCH_TRIES) {
          into.lo = lo;
          into.hi = hi;
          return true;
        }
        lo = again;
      }
    } catch (IllegalStateException | InternalError gone) {
      return aborted();
    }
  }

  @Override
  boolean store32(long offset, int value) {
    if (!isWritable()) {
      return false;
    }
    try {
      INT.setRelease(bytes, offset, value);
      return true;
    } catch (IllegalStateException | InternalError gone) {
      return aborted();
    }
  }

  @Override
  boolean store64(long offset, long value) {
    if (!isWritable()) {
      return false;
    }
    try {
      LONG.setRelease(bytes, offset, value);
      return true;
    } catch (IllegalStateException | InternalError gone) {
      return aborted();
    }
  }

  @Override
  Exchange compareAndSet64(long offset, long expected, long value) {
    if (!isWritable()) {
      return Exchange.ABORTED;
    }
    try {
      // A plain read first: past the end of a cut file it throws, where the exchange would crash.
      if ((long) LONG.get(bytes, offset) != expected) {
        return Exchange.CHANGED_MEANWHILE;
      }
      return LONG.compareAndSet(bytes, offset, expected, value)
          ? Exchange.EXCHANGED
          : Exchange.CHANGED_MEANWHILE;
    } catch (IllegalStateException | InternalError gone) {
      return Exchange.ABORTED;
    }
  }

  @Override
  boolean or64(long offset, long bits) {
    if (!isWritable()) {
      return false;
    }
    try {
      // A plain read first, as above.
      if (((long) LONG.get(bytes, offset) & bits) != bits) {
        LONG.getAndBitwiseOr(bytes, offset, bits);
      }
      return true;
    } catch (IllegalStateException | InternalError gone) {
      return aborted();
    }
  }

  /// A withdrawn mapping (`IllegalStateException`) or a cut file (`InternalError`) is no memory.
  private static boolean aborted() {
    return false;
  }
}
