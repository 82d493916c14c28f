package dev.portcullis.conformance;

import dev.portcullis.kit.TestMachine;
import dev.portcullis.kit.memory.GuestMemory;
import dev.portcullis.kit.register.Registers;
import dev.portcullis.pci.Completion;
import dev.portcullis.unit.RemappingUnit;
import dev.portcullis.unit.UnitConfiguration;
import dev.portcullis.unit.UnitConfigurationBuilder;
import dev.portcullis.unit.request.Request;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.UnaryOperator;

/// A unit in scalable mode with one function behind it, whose every table entry is in order and can
/// be changed, word by word.
final class ScalableFixture {
  static final int SOURCE = 0x0118;
  static final long IOVA = 0x12_3456_7000L;

  /// Without PASID.
  static final int PLAIN = 0;

  /// The PASID of requests that have one, and its prefix.
  static final int PASID = 0x45;

  static final int WITH_PASID = 1 << 22 | PASID;
  static final int PRIVILEGED = 1 << 21 | WITH_PASID;
  static final int EXECUTE = 1 << 20 | WITH_PASID;
  static final int DOMAIN = 7;

  private static final long PRESENT = 1;
  private static final long SNOOPED_WALKS = 1 << 23;

  final TestMachine machine;
  final GuestMemory memory;
  final Registers registers;
  final long root;
  final long context;
  final long directory;

  /// Page-table pages, and the page they map.
  final Tables first;

  final Tables second;
  final long page;
  private final long table;

  ScalableFixture(UnaryOperator<UnitConfigurationBuilder> choices) {
    machine =
        TestMachine.withUnit(builder ->
            choices.apply(UnitConfiguration.Preset.EVERYTHING.builder().faultRecords(4)));
    memory = machine.memory();
    registers = machine.registers();
    root = machine.rootTable() + 16L * (SOURCE >> 8) + 8L * (SOURCE >> 7 & 1);
    long contexts = machine.page();
    context = contexts + 32L * (SOURCE & 0x7f);
    directory = machine.page();
    table = machine.page();
    page = machine.page();
    first = new Tables(memory, 4, 0x27);
    second = new Tables(memory, 4, 3);
    memory.writeLong(root, contexts | PRESENT);
    memory.writeLong(context, directory | 0b1_1101);
    memory.writeLong(directory + 8L * (PASID >> 6), table | PRESENT);
    long own = machine.page();
    memory.writeLong(directory, own | PRESENT);
    firstStage();
  }

  /// The address of word `word` of the PASID entry of a prefix.
  long entry(int prefix, int word) {
    long base = prefix == PLAIN ? memory.readLong(directory) & -4096L : table + 64L * (PASID & 63);
    return base + 8L * word;
  }

  void set(long hpa, long bits) {
    memory.writeLong(hpa, memory.readLong(hpa) | bits);
  }

  void clear(long hpa, long bits) {
    memory.writeLong(hpa, memory.readLong(hpa) & ~bits);
  }

  private void entries(long word0, long word1, long word2) {
    for (int prefix : new int[] {PLAIN, WITH_PASID}) {
      memory.writeLong(entry(prefix, 1), word1);
      memory.writeLong(entry(prefix, 2), word2);
      memory.writeLong(entry(prefix, 0), word0);
    }
  }

  /// Both PASIDs have first-stage tables.
  ScalableFixture firstStage() {
    first.map(IOVA, page, 0x27);
    entries(1 << 6 | PRESENT, DOMAIN | SNOOPED_WALKS, first.root);
    return this;
  }

  /// Both PASIDs have second-stage tables.
  ScalableFixture secondStage() {
    second.map(IOVA, page, 3);
    entries(second.root | 2 << 6 | 2 << 2 | PRESENT, DOMAIN | SNOOPED_WALKS, 0);
    return this;
  }

  /// Both PASIDs have first-stage tables over second-stage tables that map every page to itself.
  ScalableFixture nested() {
    first.map(IOVA, page, 0x27);
    for (long hpa : first.pages()) {
      second.map(hpa, hpa, 3);
    }
    second.map(page, page, 3);
    entries(second.root | 3 << 6 | 2 << 2 | PRESENT, DOMAIN | SNOOPED_WALKS, first.root);
    return this;
  }

  /// Requests of both PASIDs pass.
  ScalableFixture passThrough() {
    entries(4 << 6 | PRESENT, DOMAIN, 0);
    return this;
  }

  /// Translated requests are checked against a table at `hpt` for either PASID.
  ScalableFixture hostPermissions(long hpt) {
    set(context, 1 << 5 | 1 << 6);
    for (int prefix : new int[] {PLAIN, WITH_PASID}) {
      memory.writeLong(entry(prefix, 4), hpt);
    }
    return this;
  }

  /// Turns translation on with what RTADDR shall hold beside the table.
  ScalableFixture start(long modeBits) {
    registers.write64(0x20, machine.rootTable() | modeBits);
    registers.command(1L << 30);
    registers.command(1L << 31);
    return this;
  }

  ScalableFixture start() {
    machine.queue().enableWide();
    return start(1 << 10);
  }

  long untranslated(int prefix, Request request) {
    return untranslated(prefix, IOVA, request);
  }

  long untranslated(int prefix, long iova, Request request) {
    return machine.unit().translate(SOURCE, prefix, iova, request);
  }

  long translation(int prefix, long iova) {
    return machine.unit().requestTranslation(SOURCE, prefix, iova, false);
  }

  long translated(int prefix, long hpa, Request request) {
    return machine.unit().checkTranslated(SOURCE, prefix, hpa, request);
  }

  static Completion completion(long result) {
    return result >= 0 ? Completion.SUCCESS : RemappingUnit.completionOf(result);
  }

  /// The first fault record: bits 63 to 0 and 127 to 64; its F is clear if nothing was recorded.
  long[] record() {
    int at = registers.faultRecord(0);
    return new long[] {registers.read64(at), registers.read64(at + 8)};
  }

  boolean isRecorded() {
    return record()[1] < 0;
  }

  /// Fault reason of the first record.
  int reason() {
    return (int) (record()[1] >>> 32) & 0xff;
  }

  /// Page tables of one stage.
  static final class Tables {
    private final GuestMemory memory;
    private final int levels;
    private final long pointer;
    private final Set<Long> pages = new LinkedHashSet<>();
    final long root;

    Tables(GuestMemory memory, int levels, long pointer) {
      this.memory = memory;
      this.levels = levels;
      this.pointer = pointer;
      this.root = memory.page();
      pages.add(root);
    }

    /// Every table there is.
    Set<Long> pages() {
      return pages;
    }

    /// Address of the entry of `level` for `address`; tables on the way are made.
    long entry(long address, int level) {
      long at = root;
      for (int l = levels; ; l--) {
        long entry = at + (address >>> 12 + 9 * (l - 1) & 0x1ff) * 8;
        if (l == level) {
          return entry;
        }
        if (memory.readLong(entry) == 0) {
          long next = memory.page();
          pages.add(next);
          memory.writeLong(entry, next | pointer);
        }
        at = memory.readLong(entry) & 0x3fff_ffff_f000L;
      }
    }

    void map(long address, long target, long bits) {
      memory.writeLong(entry(address, 1), target | bits);
    }
  }
}
