package dev.portcullis.benchmarks;

import dev.portcullis.memory.Fetched;
import dev.portcullis.memory.MappedRegion;
import dev.portcullis.memory.MemoryMap;
import dev.portcullis.memory.MemoryRegion;
import dev.portcullis.spec.descriptor.InvalidationDescriptor;
import dev.portcullis.spec.register.GlobalRegisters;
import dev.portcullis.spec.register.QueueRegisters;
import dev.portcullis.spec.table.ContextEntry;
import dev.portcullis.spec.table.RootEntry;
import dev.portcullis.spec.table.SecondStageEntry;
import dev.portcullis.unit.RemappingUnit;
import dev.portcullis.unit.UnitConfiguration;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// A unit with translation on, and memory for its tables only: nobody goes where it points.
final class BenchedUnit {
  static final long READ_WRITE = 3;

  private static final long MEMORY_BYTES = 640L << 20;
  private static final long ROOT = 0x1000;
  private static final long QUEUE = 0x2000;
  private static final long QUEUE_BYTES = 4096;

  final RemappingUnit unit;
  final MemoryMap memory = new MemoryMap();

  /// All of memory, past the unit.
  final MemorySegment bytes = Arena.ofAuto().allocate(MEMORY_BYTES, 4096);

  private final Fetched fetched = new Fetched();
  private long nextTable = 0x10_0000;
  private long tail;

  BenchedUnit(UnitConfiguration configuration) {
    memory.add(new MappedRegion(0, bytes, MemoryRegion.Access.READ_WRITE));
    unit = new RemappingUnit(configuration, memory, (address, data) -> {});
  }

  /// Fresh tables of `levels` levels for `sourceId` in `domain`.
  long attach(int sourceId, int domain, int levels) {
    long tables = newTable();
    long root = RootEntry.address(ROOT, sourceId);
    if (load(root) == 0) {
      memory.store64(root, RootEntry.present(newTable()).lo());
    }
    long entry = ContextEntry.address(new RootEntry(load(root), 0).contextTable(), sourceId);
    ContextEntry context =
        ContextEntry.present(ContextEntry.TT_SECOND_STAGE, tables, levels, domain);
    memory.store64(entry + 8, context.hi());
    memory.store64(entry, context.lo());
    return tables;
  }

  /// Maps the page of `level` around `iova` to itself.
  void map(long tables, int levels, int level, long iova) {
    long table = tables;
    for (int at = levels; at > level; at--) {
      long entry = SecondStageEntry.address(table, iova, at);
      if (load(entry) == 0) {
        memory.store64(entry, SecondStageEntry.of(newTable(), READ_WRITE).word());
      }
      table = new SecondStageEntry(load(entry)).address();
    }
    long page = iova >>> SecondStageEntry.shift(level) << SecondStageEntry.shift(level);
    SecondStageEntry leaf =
        level == 1
            ? SecondStageEntry.of(page, READ_WRITE)
            : SecondStageEntry.largePage(page, READ_WRITE);
    memory.store64(SecondStageEntry.address(table, iova, level), leaf.word());
  }

  void enable() {
    write(GlobalRegisters.RTADDR.offset(), 8, ROOT);
    write(GlobalRegisters.GCMD.offset(), 4, GlobalRegisters.SRTP.mask());
    write(QueueRegisters.IQA.offset(), 8, QUEUE);
    write(GlobalRegisters.GCMD.offset(), 4, GlobalRegisters.QIE.mask());
    write(GlobalRegisters.GCMD.offset(), 4, GlobalRegisters.QIE.mask() | GlobalRegisters.TE.mask());
  }

  /// Has the queue carry out two descriptors.
  void submit(InvalidationDescriptor.Valid first, InvalidationDescriptor.Valid second) {
    put(first);
    put(second);
    write(QueueRegisters.IQT.offset(), 4, tail);
  }

  private void put(InvalidationDescriptor.Valid descriptor) {
    memory.store64(QUEUE + tail, descriptor.lo());
    memory.store64(QUEUE + tail + 8, descriptor.hi());
    tail = (tail + InvalidationDescriptor.BYTES) % QUEUE_BYTES;
  }

  private void write(int offset, int widthBytes, long value) {
    unit.writeRegister(offset, widthBytes, value);
  }

  private long newTable() {
    long table = nextTable;
    nextTable += 4096;
    return table;
  }

  private long load(long address) {
    if (!memory.fetch64(address, fetched)) {
      throw new AssertionError("no memory at %#x".formatted(address));
    }
    return fetched.lo;
  }
}
