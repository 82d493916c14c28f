package dev.portcullis.unit;

import dev.portcullis.memory.Fetched;
import dev.portcullis.memory.MappedRegion;
import dev.portcullis.memory.MemoryMap;
import dev.portcullis.memory.MemoryRegion;
import dev.portcullis.spec.descriptor.InvalidationDescriptor;
import dev.portcullis.spec.register.FaultRegisters;
import dev.portcullis.spec.register.GlobalRegisters;
import dev.portcullis.spec.register.QueueRegisters;
import dev.portcullis.spec.register.Register;
import dev.portcullis.spec.table.ContextEntry;
import dev.portcullis.spec.table.RootEntry;
import dev.portcullis.spec.table.SecondStageEntry;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;

/// A unit with 64 MiB of memory below it, and the software side as tests need it: tables, queue,
/// registers by name.
final class TestUnit {
  static final int SOURCE = 0x0110;
  static final int DOMAIN = 7;
  static final long ROOT = 0x1000;
  static final long CONTEXTS = 0x2000;
  static final long QUEUE = 0x10_0000;
  static final long STATUS = 0x20_0000;
  static final long READ = SecondStageEntry.R.mask();
  static final long WRITE = SecondStageEntry.W.mask();
  static final long READ_WRITE = READ | WRITE;

  /// A message the unit sent.
  record Message(long address, int data) {}

  final MemoryMap memory = new MemoryMap();
  final List<Message> messages = new ArrayList<>();
  final RemappingUnit unit;
  private final Fetched fetched = new Fetched();
  private long nextTable = 0x30_0000;

  TestUnit(UnitConfiguration configuration) {
    memory.add(
        new MappedRegion(
            0, Arena.ofAuto().allocate(64 << 20, 4096), MemoryRegion.Access.READ_WRITE));
    unit =
        new RemappingUnit(
            configuration,
            memory,
            (address, data) -> {
              synchronized (messages) {
                messages.add(new Message(address, data));
              }
            });
  }

  static TestUnit legacy() {
    return new TestUnit(UnitConfiguration.builder().build());
  }

  long read(Register register) {
    return unit.readRegister(register.offset(), register.widthBytes());
  }

  void write(Register register, long value) {
    unit.writeRegister(register.offset(), register.widthBytes(), value);
  }

  /// Sets or clears switches and gives one-shot commands, as software does it.
  void command(long set, long clear) {
    long levels = read(GlobalRegisters.GSTS) & 0x96ff_ffffL;
    write(GlobalRegisters.GCMD, levels & ~clear | set);
  }

  void store(long address, long word) {
    if (!memory.store64(address, word)) {
      throw new AssertionError("no memory at %#x".formatted(address));
    }
  }

  long load(long address) {
    if (!memory.fetch64(address, fetched)) {
      throw new AssertionError("no memory at %#x".formatted(address));
    }
    return fetched.lo;
  }

  void store(long address, long lo, long hi) {
    store(address + 8, hi);
    store(address, lo);
  }

  /// A fresh page of zeros for a table.
  long newTable() {
    long table = nextTable;
    nextTable += 4096;
    for (long at = table; at < table + 4096; at += 8) {
      store(at, 0);
    }
    return table;
  }

  void root(int sourceId, long contexts) {
    RootEntry entry = RootEntry.present(contexts);
    store(RootEntry.address(ROOT, sourceId), entry.lo(), entry.hi());
  }

  void context(int sourceId, ContextEntry entry) {
    root(sourceId, CONTEXTS);
    store(ContextEntry.address(CONTEXTS, sourceId), entry.lo(), entry.hi());
  }

  /// Second-stage tables of `levels` levels for SOURCE, empty.
  long attach(int levels) {
    long tables = newTable();
    context(SOURCE, ContextEntry.present(ContextEntry.TT_SECOND_STAGE, tables, levels, DOMAIN));
    return tables;
  }

  /// Maps the page of `level` around `iova` to `hpa`, making the tables in between.
  long map(long tables, int levels, int level, long iova, long hpaAndRights) {
    long table = tables;
    for (int at = levels; at > level; at--) {
      long entry = SecondStageEntry.address(table, iova, at);
      if (load(entry) == 0) {
        store(entry, newTable() | READ_WRITE);
      }
      table = SecondStageEntry.ADDR.inPlace(load(entry));
    }
    long leaf = SecondStageEntry.address(table, iova, level);
    store(leaf, hpaAndRights | (level > 1 ? SecondStageEntry.PS.mask() : 0));
    return leaf;
  }

  /// Translation on, with the root table at ROOT.
  void enable() {
    write(GlobalRegisters.RTADDR, ROOT);
    command(GlobalRegisters.SRTP.mask(), 0);
    command(GlobalRegisters.TE.mask(), 0);
  }

  void enableQueue() {
    write(QueueRegisters.IQT, 0);
    write(QueueRegisters.IQA, QUEUE);
    command(GlobalRegisters.QIE.mask(), 0);
  }

  /// Puts descriptors at the tail and moves it.
  void submit(InvalidationDescriptor.Valid... descriptors) {
    long tail = read(QueueRegisters.IQT);
    for (InvalidationDescriptor.Valid descriptor : descriptors) {
      store(QUEUE + tail, descriptor.lo(), descriptor.hi());
      tail = (tail + InvalidationDescriptor.BYTES) % 4096;
    }
    write(QueueRegisters.IQT, tail);
  }

  long faultHigh(int record) {
    return unit.readRegister(recordOffset(record) + 8, 8);
  }

  long faultLow(int record) {
    return unit.readRegister(recordOffset(record), 8);
  }

  void clearFault(int record) {
    unit.writeRegister(recordOffset(record) + 12, 4, 0x8000_0000L);
  }

  int faultReason(int record) {
    long high = faultHigh(record);
    return FaultRegisters.F.isSet(high) ? FaultRegisters.FR.intOf(high) : 0;
  }

  private long recordOffset(int record) {
    long capability = read(GlobalRegisters.CAP);
    return (capability >>> 24 & 0x3ff) * 16 + 16L * record;
  }
}
