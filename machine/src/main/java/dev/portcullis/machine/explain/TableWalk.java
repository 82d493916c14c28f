package dev.portcullis.machine.explain;

import dev.portcullis.machine.UnitStation;
import dev.portcullis.memory.Fetched;
import dev.portcullis.memory.MemoryMap;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.spec.register.GlobalRegisters;
import dev.portcullis.spec.table.ContextEntry;
import dev.portcullis.spec.table.RootEntry;
import dev.portcullis.spec.table.SecondStageEntry;
import dev.portcullis.unit.RemappingUnit;
import java.util.ArrayList;
import java.util.List;

/// Follows the legacy-mode tables of a unit for one requester and one address, as they are in
/// memory now, and says what each entry means.
///
/// A reading of its own, for people: it looks at no cache and records no fault.
///
/// @vtd 3.4.2 Legacy Mode Address Translation
public final class TableWalk {
  private static final String NO_MEMORY = "cannot be read: no memory there";

  private final RemappingUnit unit;
  private final MemoryMap memory;
  private final RequesterId requester;
  private final long iova;
  private final List<Step> steps = new ArrayList<>();
  private final Fetched entry = new Fetched();

  /// One entry on the way.
  ///
  /// @param entry what it is, `context entry 00:06.0`
  /// @param hpa where it is
  /// @param meaning what it says
  public record Step(String entry, long hpa, String meaning) {
    @Override
    public String toString() {
      return "%-22s at %#x: %s".formatted(entry, hpa, meaning);
    }
  }

  private TableWalk(RemappingUnit unit, MemoryMap memory, RequesterId requester, long iova) {
    this.unit = unit;
    this.memory = memory;
    this.requester = requester;
    this.iova = iova;
  }

  /// The entries that decide about `requester`'s access to `iova`; the last one ends the way.
  public static List<Step> of(UnitStation unit, RequesterId requester, long iova) {
    TableWalk walk = new TableWalk(unit.unit(), unit.station().memory(), requester, iova);
    walk.root();
    return List.copyOf(walk.steps);
  }

  private void root() {
    long table = unit.readRegister(GlobalRegisters.RTADDR.offset(), 8) & RootEntry.CTP.mask();
    long hpa = RootEntry.address(table, requester.id());
    String name = "root entry %02x".formatted(requester.bus());
    if (fetch128(name, hpa)) {
      RootEntry root = new RootEntry(entry.lo, entry.hi);
      if (root.isPresent()) {
        note(name, hpa, "context table at %#x".formatted(root.contextTable()));
        context(root.contextTable());
      } else {
        note(name, hpa, "not present: nothing on this bus may do DMA");
      }
    }
  }

  private void context(long table) {
    long hpa = ContextEntry.address(table, requester.id());
    String name = "context entry %s".formatted(requester);
    if (!fetch128(name, hpa)) {
      return;
    }
    ContextEntry context = new ContextEntry(entry.lo, entry.hi);
    if (!context.isPresent()) {
      note(name, hpa, "not present: this device may not do DMA");
    } else if (context.translationType() == ContextEntry.TT_PASS_THROUGH) {
      note(name, hpa, "domain %d, passes through untranslated".formatted(context.domainId()));
    } else {
      note(
          name,
          hpa,
          "domain %d, tables of %d levels at %#x"
              .formatted(context.domainId(), context.levels(), context.secondStageTables()));
      secondStage(context);
    }
  }

  private void secondStage(ContextEntry context) {
    int level = context.levels();
    long table = context.secondStageTables();
    if (level < 3 || level > 5) {
      note("address width", context.hi(), "tables of %d levels do not exist".formatted(level));
      return;
    }
    if (iova >>> SecondStageEntry.shift(level + 1) != 0) {
      note("address", iova, "wider than tables of %d levels reach".formatted(level));
      return;
    }
    while (level > 0) {
      long hpa = SecondStageEntry.address(table, iova, level);
      String name = "level-%d entry %d".formatted(level, (hpa - table) / SecondStageEntry.BYTES);
      if (!memory.fetch64(hpa, entry)) {
        note(name, hpa, NO_MEMORY);
        return;
      }
      SecondStageEntry paging = new SecondStageEntry(entry.lo);
      boolean last = SecondStageEntry.mapsPage(entry.lo, level);
      note(name, hpa, meaning(paging, last));
      if (last || !paging.grants()) {
        return;
      }
      table = paging.address();
      level--;
    }
  }

  private static String meaning(SecondStageEntry paging, boolean last) {
    return paging.grants()
        ? "%s at %#x, %s".formatted(last ? "page" : "table", paging.address(), rights(paging))
        : "%#x grants neither reading nor writing: the way ends here".formatted(paging.word());
  }

  private static String rights(SecondStageEntry paging) {
    boolean read = SecondStageEntry.R.isSet(paging.word());
    boolean write = SecondStageEntry.W.isSet(paging.word());
    return read && write ? "read and write" : read ? "read only" : "write only";
  }

  private boolean fetch128(String name, long hpa) {
    boolean there = memory.fetch128(hpa, entry);
    if (!there) {
      note(name, hpa, NO_MEMORY);
    }
    return there;
  }

  private void note(String name, long hpa, String meaning) {
    steps.add(new Step(name, hpa, meaning));
  }
}
