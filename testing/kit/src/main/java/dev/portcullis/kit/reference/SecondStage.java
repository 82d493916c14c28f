package dev.portcullis.kit.reference;

import dev.portcullis.kit.table.Paging;
import dev.portcullis.unit.policy.Bit62;
import java.util.ArrayList;
import java.util.List;

/// One walk of second-stage tables.
///
/// @vtd 3.7 Second-Stage Translation
final class SecondStage {
  static final int UNREADABLE = 0x78;
  static final int NOTHING_GRANTED = 0x79;
  static final int RESERVED = 0x7a;
  static final int TOP_UNREADABLE = 0x7b;
  private static final int NOT_SNOOPED = 0x7c;
  private static final int UPDATE_FAILED = 0x7d;

  private static final long A = 1 << 8;
  private static final long D = 1 << 9;
  private static final int IR = 61;
  private static final int IW = 62;

  private final Walk walk;
  private final Tables tables;
  private final List<Long> entries = new ArrayList<>();
  private final List<Long> addresses = new ArrayList<>();

  /// Where tables are and how they are to be read.
  ///
  /// @param mode whether flags count and where rights are
  /// @param accessedDirty whether flags are set (SSADE)
  /// @param snooped whether walks are
  record Tables(long table, int levels, Mode mode, boolean accessedDirty, boolean snooped) {
    static Tables legacy(long table, int levels) {
      return new Tables(table, levels, Mode.LEGACY, false, true);
    }
  }

  enum Mode {
    LEGACY,
    SCALABLE
  }

  SecondStage(Walk walk, Tables tables) {
    this.walk = walk;
    this.tables = tables;
  }

  /// The page that `gpa` is in, with its rights; no right is asked for.
  Page walk(long gpa) {
    long table = tables.table;
    boolean read = true;
    boolean write = true;
    for (int level = tables.levels; ; level--) {
      long hpa = table + 8L * Paging.index(gpa, level);
      Long fetched = walk.fetch64(hpa);
      if (fetched == null) {
        visit(hpa, level, gpa, false);
        return Page.fault(level == tables.levels ? TOP_UNREADABLE : UNREADABLE);
      }
      long entry = fetched;
      visit(hpa, level, gpa, reads(entry) || writes(entry));
      if (!reads(entry) && !writes(entry)) {
        return Page.fault(NOTHING_GRANTED);
      }
      if ((entry & reserved(entry, level)) != 0) {
        return Page.fault(RESERVED);
      }
      read &= reads(entry);
      write &= writes(entry);
      remember(hpa, entry);
      if (isLeaf(entry, level)) {
        long offset = Paging.span(level) - 1;
        boolean snoop = walk.facts.snoopControl() && (entry & Paging.SNP) != 0;
        return new Page(
            0, Paging.address(entry) & ~offset | gpa & offset, level, read, write, snoop);
      }
      table = Paging.address(entry);
    }
  }

  private void visit(long hpa, int level, long gpa, boolean present) {
    walk.visits.add(new Visit(Visit.Stage.SECOND, hpa, level, gpa, present));
  }

  private void remember(long hpa, long entry) {
    addresses.add(hpa);
    entries.add(entry);
    if (tables.accessedDirty && tables.snooped) {
      walk.flags.allow(hpa, A);
    }
  }

  private boolean usesIoRights() {
    return walk.ioRights && tables.mode == Mode.SCALABLE;
  }

  private boolean reads(long entry) {
    return (entry >>> (usesIoRights() ? IR : 0) & 1) != 0;
  }

  private boolean writes(long entry) {
    return (entry >>> (usesIoRights() ? IW : 1) & 1) != 0;
  }

  private static boolean isLeaf(long entry, int level) {
    return level == 1 || level <= 3 && (entry & Paging.PS) != 0;
  }

  private long reserved(long entry, int level) {
    long beyondHost = -1L << walk.facts.hostAddressBits() & 0x000f_ffff_ffff_ffffL;
    boolean bit62 = walk.bit62 == Bit62.RESERVED && !usesIoRights();
    long always = beyondHost | (bit62 ? Paging.BIT_62 : 0);
    if (!isLeaf(entry, level)) {
      return always | Paging.SNP | Paging.PS;
    }
    long snoop = walk.facts.snoopControl() ? 0 : Paging.SNP;
    long size = level > 1 && !walk.facts.hasPageAt(level) ? Paging.PS : 0;
    long lowAddress = Paging.span(level) - 1 & -4096L;
    return always | snoop | size | lowAddress;
  }

  /// Whether flags of a walk that ended at a page are due and must not be set.
  ///
  /// @param written whether the page is written
  /// @return fault reason, or 0
  int due(boolean written) {
    for (int i = 0; i < entries.size(); i++) {
      if (lacking(i, written) != 0 && !tables.snooped) {
        return NOT_SNOOPED;
      }
    }
    return 0;
  }

  private long lacking(int i, boolean written) {
    long wanted = written && i == entries.size() - 1 ? A | D : A;
    return tables.accessedDirty ? wanted & ~entries.get(i) : 0;
  }

  /// Sets the flags that are due.
  ///
  /// @param written whether the page is written
  /// @return fault reason, or 0
  int update(boolean written) {
    if (!tables.accessedDirty) {
      return 0;
    }
    boolean failed = false;
    for (int i = 0; i < entries.size(); i++) {
      failed |= lacking(i, written) != 0 && !walk.isWritable(addresses.get(i));
      walk.flags.access(addresses.get(i), A);
    }
    if (written) {
      walk.flags.dirty(addresses.getLast(), D);
    }
    return failed ? UPDATE_FAILED : 0;
  }

  /// The same where the page holds a first-stage table: where flags are set, any use counts as a
  /// write, and it is one whatever becomes of the request.
  int updateForTable() {
    int refusal = update(false);
    if (!tables.accessedDirty) {
      return refusal;
    }
    boolean clean = (entries.getLast() & D) == 0;
    if (clean && !walk.isWritable(addresses.getLast())) {
      return UPDATE_FAILED;
    }
    walk.flags.access(addresses.getLast(), D);
    return refusal;
  }
}
