package dev.portcullis.kit.reference;

import dev.portcullis.kit.table.Entry;
import dev.portcullis.unit.request.Request;

/// What is asked of a translated request, and the host permission table.
///
/// @vtd 9.9 Host Permission Table Entries
final class HostPermissions {
  private static final int TOP = 4;

  private final Walk walk;
  private final PasidEntry entry;

  HostPermissions(Walk walk, PasidEntry entry) {
    this.walk = walk;
    this.entry = entry;
  }

  /// Without a table.
  static Page plain(Walk walk) {
    long hpa = walk.ask.address();
    if (Walk.beyond(hpa, walk.facts.hostAddressBits())) {
      return Page.fault(0x83);
    }
    return Walk.inInterruptRange(hpa) ? Page.fault(0x87) : new Page(0, hpa, 1, true, true, false);
  }

  /// 4.13 and 6.1 to 6.8.
  Page check() {
    long hpa = walk.ask.address();
    if (Walk.beyond(hpa, 49 + (int) entry.field(257, 256))) {
      return Page.fault(0x60);
    }
    Page plain = plain(walk);
    if (plain.isFault()) {
      return plain;
    }
    long table = entry.field(319, 268) << 12;
    for (int level = TOP; level >= 1; level--) {
      int index = (int) (hpa >>> 17 + 8 * (level - 1));
      Entry found = walk.fetch128(table + 16L * (level == TOP ? index : index & 255));
      if (found == null) {
        return Page.fault(level == TOP ? 0xa2 : 0xa0);
      }
      if (hasReserved(found, level)) {
        return Page.fault(0xa1);
      }
      int permission = permission(found, level, hpa);
      boolean pointer = level > 1 && (found.hi() & 1) != 0;
      if (permission != 0 || !pointer) {
        return permitted(permission, plain);
      }
      table = found.hi() & 0x000f_ffff_ffff_f000L;
    }
    throw new AssertionError("level 1 has no pointer");
  }

  private boolean hasReserved(Entry found, int level) {
    long beyondHost = -1L << walk.facts.hostAddressBits() & 0x000f_ffff_ffff_ffffL;
    long high = level == 1 ? 0xcccc_cccc_cccc_ccccL : beyondHost | 0xffe;
    long low =
        switch (level) {
          case 4 -> -1L;
          case 3 -> walk.facts.hostPermissionGibiPages() ? 0xffff_ffff_cccc_ccccL : -1L;
          default -> 0xcccc_cccc_cccc_ccccL;
        };
    return (found.lo() & low) != 0 || (found.hi() & high) != 0;
  }

  private static int permission(Entry found, int level, long hpa) {
    int select =
        switch (level) {
          case 3 -> (int) (hpa >>> 30) & 7;
          case 2 -> (int) (hpa >>> 21) & 15;
          case 1 -> (int) (hpa >>> 12) & 31;
          default -> 0;
        };
    if (level == TOP) {
      return 0;
    }
    long word = select < 16 ? found.lo() : found.hi();
    return (int) (word >>> 4 * (select & 15)) & 15;
  }

  private Page permitted(int permission, Page page) {
    Ask ask = walk.ask;
    boolean excepted = ask.isZeroLengthRead() && walk.facts.zeroLengthReads();
    if (excepted) {
      return permission == 0 ? Page.fault(0xa3) : page;
    }
    if (ask.writes() && (permission & 2) == 0) {
      return Page.fault(0xa4);
    }
    return ask.request() != Request.WRITE && (permission & 1) == 0 ? Page.fault(0xa5) : page;
  }
}
