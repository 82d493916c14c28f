package dev.portcullis.vmm.partition;

import dev.portcullis.driver.table.Rights;
import dev.portcullis.memory.Fetched;
import dev.portcullis.memory.MemoryMap;
import dev.portcullis.unit.drain.InFlight;
import dev.portcullis.vmm.partition.DeniedWrite.Writer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// A partition's memory as its processors see it: guest physical addresses, each access led by the
/// partition's map. It is the other view of the map; the domain's tables are what devices see.
///
/// What was unmapped is out of reach when [Partition#unmap] returns: it waits for accesses under
/// way. An access of several pages that fails at one has moved the pages before it. Safe for use by
/// several threads.
public final class ProcessorView {
  private static final ValueLayout.OfLong WORD =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final GuestMap map;
  private final MemoryMap memory;
  private final InFlight inFlight;
  private final Writer writer;
  private volatile DeniedWrite denied = (gpa, by) -> {};
  private final ThreadLocal<Scratch> scratch = ThreadLocal.withInitial(Scratch::new);

  private static final class Scratch {
    private final byte[] bytes = new byte[Long.BYTES];
    private final MemorySegment word = MemorySegment.ofArray(bytes);
    private final Fetched fetched = new Fetched();
  }

  /// @param memory by host physical address
  /// @param inFlight what the map's changes wait for
  /// @param writer who writes through it
  ProcessorView(GuestMap map, MemoryMap memory, InFlight inFlight, Writer writer) {
    this.map = map;
    this.memory = memory;
    this.inFlight = inFlight;
    this.writer = writer;
  }

  void onDenied(DeniedWrite listener) {
    denied = listener;
  }

  /// Whether the one who writes here may write to `gpa`, which is in `mapping` if that is not
  /// `null`.
  private boolean mayWrite(Mapping mapping, long gpa) {
    if (mapping == null) {
      return false;
    }
    boolean may = writer == Writer.PROCESSOR ? mapping.isWritable() : mapping.isWritableByDevices();
    if (!may && mapping.rights() != Rights.READ) {
      denied.denied(gpa, writer);
    }
    return may;
  }

  /// Reads bytes.
  ///
  /// @return whether all of them are mapped, and readable
  public boolean read(long gpa, MemorySegment to, long toOffset, long bytes) {
    int ticket = inFlight.enter(1);
    try {
      long done = 0;
      while (done < bytes) {
        Mapping mapping = map.find(gpa + done);
        if (mapping == null || !mapping.isReadable()) {
          return false;
        }
        long step = Math.min(bytes - done, mapping.guest().end() - gpa - done);
        if (!memory.read(mapping.hpa(gpa + done), to, toOffset + done, step)) {
          return false;
        }
        done += step;
      }
      return true;
    } finally {
      inFlight.exit(ticket, 1);
    }
  }

  /// Writes bytes.
  ///
  /// @return whether all of them are mapped, and writable
  public boolean write(long gpa, MemorySegment from, long fromOffset, long bytes) {
    int ticket = inFlight.enter(1);
    try {
      long done = 0;
      while (done < bytes) {
        Mapping mapping = map.find(gpa + done);
        if (!mayWrite(mapping, gpa + done)) {
          return false;
        }
        long step = Math.min(bytes - done, mapping.guest().end() - gpa - done);
        if (!memory.write(mapping.hpa(gpa + done), from, fromOffset + done, step)) {
          return false;
        }
        done += step;
      }
      return true;
    } finally {
      inFlight.exit(ticket, 1);
    }
  }

  /// Whether something is mapped at `gpa`.
  public boolean isMapped(long gpa) {
    return map.find(gpa) != null;
  }

  /// Reads 1, 2, 4 or 8 bytes at a multiple of that in one access; later ones do not overtake it.
  ///
  /// @return the value; 0 if `gpa` is not mapped, which [#isMapped] tells
  public long load(long gpa, int widthBytes) {
    Scratch mine = scratch.get();
    if (widthBytes == Long.BYTES) {
      return fetch(gpa, mine.fetched) ? mine.fetched.lo : 0;
    }
    mine.word.set(WORD, 0, 0);
    boolean read = read(gpa, mine.word, 0, widthBytes);
    VarHandle.acquireFence();
    return read ? mine.word.get(WORD, 0) : 0;
  }

  private boolean fetch(long gpa, Fetched into) {
    int ticket = inFlight.enter(1);
    try {
      Mapping mapping = map.find(gpa);
      return mapping != null && mapping.isReadable() && memory.fetch64(mapping.hpa(gpa), into);
    } finally {
      inFlight.exit(ticket, 1);
    }
  }

  /// Writes 1, 2, 4 or 8 bytes at a multiple of that in one access, after all earlier ones.
  ///
  /// @return whether `gpa` is mapped, and writable
  public boolean store(long gpa, int widthBytes, long value) {
    if (widthBytes < Integer.BYTES) {
      Scratch mine = scratch.get();
      mine.word.set(WORD, 0, value);
      VarHandle.releaseFence();
      return write(gpa, mine.word, 0, widthBytes);
    }
    int ticket = inFlight.enter(1);
    try {
      Mapping mapping = map.find(gpa);
      if (!mayWrite(mapping, gpa)) {
        return false;
      }
      long hpa = mapping.hpa(gpa);
      return widthBytes == Long.BYTES
          ? memory.store64(hpa, value)
          : memory.store32(hpa, (int) value);
    } finally {
      inFlight.exit(ticket, 1);
    }
  }
}
