package dev.portcullis.system;

import dev.portcullis.machine.UnitStation;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.spec.register.GlobalRegisters;
import dev.portcullis.spec.table.ContextEntry;
import dev.portcullis.spec.table.PasidDirectoryEntry;
import dev.portcullis.spec.table.PasidEntry;
import dev.portcullis.spec.table.RootEntry;
import dev.portcullis.spec.table.ScalableContextEntry;
import dev.portcullis.spec.table.ScalableRootEntry;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// What Linux has written into its tables about a device's own address space, read past the unit.
///
/// @param mode how the tables are laid out
/// @param type what the entry says is done with addresses
/// @param levels of the paging tables; 0 where there are none
record Attachment(Mode mode, Type type, int levels) {
  private static final int WORD_BYTES = 8;

  enum Mode {
    LEGACY,
    SCALABLE
  }

  enum Type {
    FIRST_STAGE,
    SECOND_STAGE,
    PASS_THROUGH
  }

  static Attachment of(Guest guest, RequesterId requester) {
    UnitStation unit = guest.platform().units().getFirst();
    PhysicalMemory memory = PhysicalMemory.behind(unit.station());
    long root = unit.unit().readRegister(GlobalRegisters.RTADDR.offset(), WORD_BYTES);
    long table = GlobalRegisters.RTA.inPlace(root);
    return switch (GlobalRegisters.TTM.intOf(root)) {
      case 0 -> legacy(memory, table, requester.id());
      case 1 -> scalable(memory, table, requester.id());
      default -> throw new AssertionError("RTADDR %#x is of no mode under test".formatted(root));
    };
  }

  private static Attachment legacy(PhysicalMemory memory, long table, int sourceId) {
    ByteBuffer root = entry(memory, RootEntry.address(table, sourceId), RootEntry.BYTES);
    long contexts = new RootEntry(root.getLong(0), root.getLong(WORD_BYTES)).contextTable();
    ByteBuffer words = entry(memory, ContextEntry.address(contexts, sourceId), ContextEntry.BYTES);
    ContextEntry context = new ContextEntry(words.getLong(0), words.getLong(WORD_BYTES));
    return context.translationType() == ContextEntry.TT_PASS_THROUGH
        ? new Attachment(Mode.LEGACY, Type.PASS_THROUGH, 0)
        : new Attachment(Mode.LEGACY, Type.SECOND_STAGE, context.levels());
  }

  private static Attachment scalable(PhysicalMemory memory, long table, int sourceId) {
    long root = word(memory, ScalableRootEntry.address(table, sourceId));
    long contexts = new ScalableRootEntry(root).contextTable();
    ByteBuffer words =
        entry(memory, ScalableContextEntry.address(contexts, sourceId), ScalableContextEntry.BYTES);
    var context = new ScalableContextEntry(words.getLong(0), words.getLong(WORD_BYTES));
    int pasid = context.requesterPasid();
    long directory = word(memory, PasidDirectoryEntry.address(context.pasidDirectory(), pasid));
    long pasids = new PasidDirectoryEntry(directory).pasidTable();
    return of(entry(memory, PasidEntry.address(pasids, pasid), PasidEntry.BYTES));
  }

  private static Attachment of(ByteBuffer words) {
    PasidEntry entry =
        new PasidEntry(
            words.getLong(0),
            words.getLong(WORD_BYTES),
            words.getLong(2 * WORD_BYTES),
            words.getLong(4 * WORD_BYTES),
            words.getLong(5 * WORD_BYTES));
    return switch (entry.translationType()) {
      case PasidEntry.PGTT_FIRST_STAGE ->
          new Attachment(Mode.SCALABLE, Type.FIRST_STAGE, entry.firstStageLevels());
      case PasidEntry.PGTT_SECOND_STAGE ->
          new Attachment(Mode.SCALABLE, Type.SECOND_STAGE, entry.secondStageLevels());
      case PasidEntry.PGTT_PASS_THROUGH -> new Attachment(Mode.SCALABLE, Type.PASS_THROUGH, 0);
      default -> throw new AssertionError("PASID entry " + entry);
    };
  }

  private static long word(PhysicalMemory memory, long hpa) {
    return entry(memory, hpa, WORD_BYTES).getLong(0);
  }

  private static ByteBuffer entry(PhysicalMemory memory, long hpa, int lengthBytes) {
    return ByteBuffer.wrap(memory.read(hpa, lengthBytes)).order(ByteOrder.LITTLE_ENDIAN);
  }
}
