package dev.portcullis.kit.reference;

import dev.portcullis.kit.table.Paging;
import java.util.ArrayList;
import java.util.List;

/// One walk of first-stage tables, which themselves may be behind a second stage.
///
/// @vtd 3.6 First-Stage Translation
/// @vtd 3.8 Nested Translation
final class FirstStage {
  private static final long P = 1;
  private static final long RW = 1 << 1;
  private static final long US = 1 << 2;
  private static final long A = 1 << 5;
  private static final long D = 1 << 6;
  private static final long EA = 1 << 10;

  private final Walk walk;
  private final Tables tables;
  private final List<Used> used = new ArrayList<>();

  /// Where tables are and how they are to be read.
  ///
  /// @param user whether the request is a user's
  /// @param writeProtect WPE: whether a supervisor obeys R/W
  /// @param extendedAccessed EAFE
  /// @param snooped whether walks are
  /// @param nest the second stage below, or null
  /// @param guestBits width of what the second stage translates
  record Tables(
      long table,
      int levels,
      boolean user,
      boolean writeProtect,
      boolean extendedAccessed,
      boolean snooped,
      SecondStage.Tables nest,
      int guestBits) {}

  /// An entry that was used.
  ///
  /// @param writable whether the second stage allows to write it
  private record Used(long hpa, long entry, boolean writable) {}

  FirstStage(Walk walk, Tables tables) {
    this.walk = walk;
    this.tables = tables;
  }

  /// The page that `iova` is in, with its rights; refused if the request may not have it.
  Page walk(long iova) {
    if (!isCanonical(iova)) {
      return Page.fault(0x80);
    }
    long table = tables.table;
    long rights = RW | US;
    for (int level = tables.levels; ; level--) {
      Page at = locate(table + 8L * Paging.index(iova, level), level);
      if (at.isFault()) {
        return at;
      }
      int refusal = use(at, level, iova);
      if (refusal != 0) {
        return Page.fault(refusal);
      }
      long entry = used.getLast().entry;
      rights &= entry;
      if (isLeaf(entry, level)) {
        return permitted(entry, level, iova, rights);
      }
      table = Paging.address(entry);
    }
  }

  private boolean isCanonical(long iova) {
    int bits = 12 + 9 * tables.levels;
    long upper = iova >> bits - 1;
    return upper == 0 || upper == -1;
  }

  /// Where the entry at `address` is in memory.
  private Page locate(long address, int level) {
    if (tables.nest == null) {
      used.add(new Used(address, 0, true));
      return new Page(0, address, 1, true, true, false);
    }
    SecondStage below = new SecondStage(walk, tables.nest);
    Page page = below.walk(address);
    if (page.isFault()) {
      return page;
    }
    if (!page.read() && !page.write()) {
      return Page.fault(SecondStage.NOTHING_GRANTED);
    }
    boolean allowed = page.read() && (page.write() || !tables.nest.accessedDirty());
    int refusal = below.due(allowed);
    if (refusal != 0) {
      return Page.fault(refusal); // 5.25
    }
    if (!allowed) {
      return Page.fault(isTop(level) ? 0x75 : 0x76);
    }
    refusal = below.updateForTable();
    if (refusal != 0) {
      return Page.fault(refusal);
    }
    used.add(new Used(page.hpa(), 0, page.write()));
    return page;
  }

  private boolean isTop(int level) {
    return level == tables.levels;
  }

  /// Reads the entry that was located last.
  private int use(Page at, int level, long iova) {
    Long fetched = walk.fetch64(at.hpa());
    boolean present = fetched != null && (fetched & P) != 0;
    walk.visits.add(new Visit(Visit.Stage.FIRST, at.hpa(), level, iova, present));
    if (fetched == null) {
      return isTop(level) ? 0x73 : 0x70;
    }
    long entry = fetched;
    if (!present) {
      return 0x71;
    }
    if ((entry & reserved(entry, level)) != 0) {
      return 0x72;
    }
    if (tables.nest != null && Walk.beyond(Paging.address(entry), tables.guestBits)) {
      return 0x74;
    }
    Used last = used.removeLast();
    used.add(new Used(last.hpa, entry, last.writable));
    if (tables.snooped) {
      walk.flags.allow(last.hpa, accessedFlags());
    }
    return 0;
  }

  private static boolean isLeaf(long entry, int level) {
    return level == 1 || level <= 3 && (entry & Paging.PS) != 0;
  }

  private long reserved(long entry, int level) {
    long beyondHost = -1L << walk.facts.hostAddressBits() & 0x000f_ffff_ffff_ffffL;
    if (level > 3) {
      return beyondHost | Paging.PS;
    }
    if (level == 1 || !isLeaf(entry, level)) {
      return beyondHost;
    }
    long size = level == 3 && !walk.facts.firstStageGibiPages() ? Paging.PS : 0;
    // Bit 12 is PAT.
    return beyondHost | size | Paging.span(level) - 1 & -8192L;
  }

  private Page permitted(long entry, int level, long iova, long rights) {
    if (tables.user && (rights & US) == 0) {
      return Page.fault(0x81);
    }
    boolean write = (rights & RW) != 0 || !tables.user && !tables.writeProtect;
    if (!walk.ask.isTranslation() && walk.ask.writes() && !write) {
      return Page.fault(0x85);
    }
    long offset = Paging.span(level) - 1;
    return new Page(0, Paging.address(entry) & ~offset | iova & offset, level, true, write, false);
  }

  private long accessedFlags() {
    return tables.extendedAccessed ? A | EA : A;
  }

  /// Whether flags are due and must not be set.
  ///
  /// @param written whether the page is written
  /// @return fault reason, or 0
  int due(boolean written) {
    List<Used> lacking = used.stream().filter(entry -> lacking(entry, written) != 0).toList();
    if (lacking.stream().anyMatch(entry -> !entry.writable)) {
      return 0x77;
    }
    return !lacking.isEmpty() && !tables.snooped ? 0x90 : 0;
  }

  private long lacking(Used entry, boolean written) {
    boolean leaf = entry == used.getLast();
    return (leaf && written ? accessedFlags() | D : accessedFlags()) & ~entry.entry;
  }

  /// Sets the flags that are due.
  ///
  /// @param written whether the page is written
  /// @return fault reason, or 0
  int update(boolean written) {
    boolean failed = false;
    for (Used entry : used) {
      failed |= lacking(entry, written) != 0 && !walk.isWritable(entry.hpa);
      walk.flags.access(entry.hpa, accessedFlags());
    }
    if (written) {
      walk.flags.dirty(used.getLast().hpa, D);
    }
    return failed ? 0x91 : 0;
  }
}
