package dev.portcullis.conformance;

import dev.portcullis.kit.TestMachine;
import dev.portcullis.kit.memory.GuestMemory;
import dev.portcullis.pci.PageRequest;

/// A function with tables of scalable mode, raw: context entry, a PASID directory of 128 entries,
/// and the PASID table of PASIDs 0 to 63. Nothing here invalidates.
///
/// @vtd 3.4.3 Scalable Mode Address Translation
final class ScalableFunction {
  static final long PRESENT = 1;
  static final long FAULTS_SILENT = 1 << 1;

  /// Bits of the context entry.
  static final long DTE = 1 << 2;

  static final long PASIDE = 1 << 3;
  static final long PRE = 1 << 4;
  static final long HPTE = 1 << 5;

  /// Values of PGTT, in place.
  static final long FIRST_STAGE = 1 << 6;

  static final long SECOND_STAGE = 2 << 6;
  static final long NESTED = 3 << 6;
  static final long PASS_THROUGH = 4 << 6;

  /// PASID of requests without PASID.
  static final int OWN_PASID = 5;

  private final GuestMemory memory;
  private final int sourceId;
  private final long root;
  private final long context;
  private final long directory;
  private final long table;

  /// Tables that let everything through without translation, in domain `did`, with every PASID of
  /// the table.
  ScalableFunction(TestMachine machine, int sourceId, int did) {
    this.memory = machine.memory();
    this.sourceId = sourceId;
    this.root = machine.rootTable() + 16L * (sourceId >> 8) + 8L * (sourceId >> 7 & 1);
    long contexts = machine.page();
    this.context = contexts + 32L * (sourceId & 0x7f);
    this.directory = machine.page();
    this.table = machine.page();
    memory.writeLong(root, contexts | PRESENT);
    memory.writeLong(context + 8, OWN_PASID);
    memory.writeLong(context, directory | PRESENT | DTE | PASIDE | PRE);
    memory.writeLong(directory, table | PRESENT);
    for (int pasid = 0; pasid < 64; pasid++) {
      pasid(pasid, PASS_THROUGH | PRESENT, did, 0);
    }
  }

  int sourceId() {
    return sourceId;
  }

  /// Replaces the used half of the root entry.
  void root(long word) {
    memory.writeLong(root, word);
  }

  /// Sets and clears bits of the context entry's low word.
  void context(long set, long clear) {
    memory.writeLong(context, memory.readLong(context) & ~clear | set);
  }

  /// Replaces the first PASID directory entry.
  void directory(long word) {
    memory.writeLong(directory, word);
  }

  /// The first PASID directory entry.
  long directory() {
    return memory.readLong(directory);
  }

  /// Replaces what matters of a PASID table entry.
  ///
  /// @param low bits 63 to 0
  /// @param firstStage bits 191 to 128
  void pasid(int pasid, long low, int did, long firstStage) {
    long at = table + 64L * pasid;
    memory.writeLong(at + 8, did);
    memory.writeLong(at + 16, firstStage);
    memory.writeLong(at, low);
  }

  /// Has translated requests checked by the permission table at `permissions`.
  void permissions(int pasid, int permissionDomain, long permissions) {
    memory.writeLong(table + 64L * pasid + 32, permissions);
    memory.writeLong(table + 64L * pasid + 40, permissionDomain);
    context(HPTE, 0);
  }

  /// A request for reading, the last of its group.
  static PageRequest request(int prefix, long address, int group) {
    return new PageRequest(prefix, address, group, true, false, true);
  }

  /// The same, but not the last.
  static PageRequest notLast(PageRequest request) {
    return new PageRequest(
        request.prefix(),
        request.address(),
        request.group(),
        request.read(),
        request.write(),
        false);
  }
}
