package dev.portcullis.management.integrity;

import dev.portcullis.vmm.memory.PageRange;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/// The instructions of a Linux kernel that it switches while it runs: a jump label is a
/// no-operation or a jump to one place, and which of the two it is depends on a key in the kernel's
/// data.
///
/// The kernel keeps a table of them in its read-only data, sorted, each with 16 bytes:
///
/// ```
///    0  code    s32, from here: where the instruction is
///    4  target  s32, from here: where it jumps to
///    8  key     s64, from here: what it depends on; bits 1:0 are flags
/// ```
///
/// The table needs no symbol to be found: nothing else looks like it, and each entry that is taken
/// was seen to describe the instruction that is there. The image is as contiguous in guest physical
/// memory as it is in its tables, so the distances hold there, too.
///
/// While the kernel switches one, its first byte is a breakpoint for a moment, and the others are
/// those of before or of after.
final class JumpLabels {
  /// Nothing that is ever switched.
  static final JumpLabels NONE = new JumpLabels(List.of());

  private static final int ENTRY_BYTES = 16;
  private static final int KEY_FLAGS = 3;

  /// Fewer in a row are no table: a kernel has thousands.
  private static final int LEAST_IN_A_ROW = 16;

  /// A kernel has fewer.
  private static final int MOST = 1 << 16;

  /// What follows the ranges that do not change: the kernel's data, and what it needs to begin.
  private static final long BEHIND_BYTES = 128L << 20;

  private static final int LONG_BYTES = 5;
  private static final int SHORT_BYTES = 2;
  private static final byte BREAKPOINT = (byte) 0xcc;
  private static final byte LONG_JUMP = (byte) 0xe9;
  private static final byte SHORT_JUMP = (byte) 0xeb;
  private static final byte[] LONG_NOP = {0x0f, 0x1f, 0x44, 0, 0};
  private static final byte[] SHORT_NOP = {0x66, (byte) 0x90};

  /// Sorted by where they are.
  private final Site[] sites;

  /// Where one is, guest physical, and what it is while it is switched on.
  private record Site(long gpa, byte[] jump) {
    private byte[] nop() {
      return jump.length == LONG_BYTES ? LONG_NOP : SHORT_NOP;
    }

    private boolean is(byte[] code) {
      return is(code, jump, jump[0]) || is(code, nop(), nop()[0]);
    }

    private boolean isBeingSwitched(byte[] code) {
      return is(code, jump, BREAKPOINT) || is(code, nop(), BREAKPOINT);
    }

    private static boolean is(byte[] code, byte[] wanted, byte first) {
      return code[0] == first && Arrays.equals(code, 1, wanted.length, wanted, 1, wanted.length);
    }
  }

  private JumpLabels(List<Site> sites) {
    this.sites = sites.stream().sorted(Comparator.comparingLong(Site::gpa)).toArray(Site[]::new);
  }

  /// Looks for those of a kernel. A bounded amount of work, whatever its memory says.
  ///
  /// @param ranges its text and its read-only data
  static JumpLabels find(GuestMemory memory, List<WatchedRange> ranges) {
    return new Search(memory, ranges).find();
  }

  /// How many there are.
  int count() {
    return sites.length;
  }

  /// What the kernel does with its labels.
  enum Switching {
    /// It may be switching them just now.
    PERHAPS,
    /// It switches none: a breakpoint is nothing of its.
    NO
  }

  /// Makes a no-operation of each in a page that is as the kernel may switch it; what is otherwise
  /// stays.
  ///
  /// @param gpa of the page
  /// @param page what is there
  /// @return whether one of them was a breakpoint
  boolean smooth(GuestMemory memory, long gpa, byte[] page, Switching switching) {
    boolean broke = false;
    byte[] code = new byte[LONG_BYTES];
    for (int i = firstFrom(gpa - LONG_BYTES + 1); i < sites.length; i++) {
      Site site = sites[i];
      long at = site.gpa - gpa;
      if (at >= page.length) {
        break;
      }
      int length = site.jump.length;
      int first = (int) Math.max(0, -at);
      int end = (int) Math.min(length, page.length - at);
      if (end - first < length && !memory.read(site.gpa, code, length)) {
        continue;
      }
      if (first < end) {
        System.arraycopy(page, (int) at + first, code, first, end - first);
        boolean breaks = switching == Switching.PERHAPS && site.isBeingSwitched(code);
        broke |= breaks;
        if (breaks || site.is(code)) {
          System.arraycopy(site.nop(), first, page, (int) at + first, end - first);
        }
      }
    }
    return broke;
  }

  private int firstFrom(long gpa) {
    int low = 0;
    int high = sites.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (sites[middle].gpa < gpa) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /// One look through a kernel's read-only data.
  private static final class Search {
    private final GuestMemory memory;
    private final List<WatchedRange> ranges;
    private final long first;
    private final long end;
    private final byte[] code = new byte[LONG_BYTES];
    private final byte[] bytes = new byte[(int) PageRange.PAGE_BYTES + ENTRY_BYTES];
    private final List<Site> found = new ArrayList<>();
    private final List<Site> row = new ArrayList<>();
    private int inRow;

    private Search(GuestMemory memory, List<WatchedRange> ranges) {
      this.memory = memory;
      this.ranges = ranges;
      this.first = ranges.stream().mapToLong(one -> one.guest().first()).min().orElse(0);
      this.end = ranges.stream().mapToLong(one -> one.guest().end()).max().orElse(0) + BEHIND_BYTES;
    }

    private JumpLabels find() {
      for (WatchedRange range : ranges) {
        if (!range.isText()) {
          // Entries are 8-byte aligned: a table begins at a multiple of 16 or between two.
          look(range.guest(), 0);
          look(range.guest(), ENTRY_BYTES / 2);
        }
      }
      return new JumpLabels(found);
    }

    private void look(PageRange range, int offset) {
      for (long page = range.first(); page < range.end(); page += PageRange.PAGE_BYTES) {
        boolean isLast = page + PageRange.PAGE_BYTES == range.end();
        int length = isLast ? (int) PageRange.PAGE_BYTES : bytes.length;
        if (!memory.read(page, bytes, length)) {
          endRow();
          continue;
        }
        for (int at = offset;
            at < PageRange.PAGE_BYTES && at + ENTRY_BYTES <= length;
            at += ENTRY_BYTES) {
          entry(page + at, at);
        }
      }
      endRow();
    }

    private void entry(long gpa, int at) {
      long site = gpa + LittleEndian.int32(bytes, at);
      long target = gpa + 4 + LittleEndian.int32(bytes, at + 4);
      long key = gpa + 8 + (LittleEndian.int64(bytes, at + 8) & ~KEY_FLAGS);
      if (!isInImage(site) || !isInImage(target) || !isInImage(key)) {
        endRow();
        return;
      }
      inRow++;
      if (isText(site) && isText(target)) {
        take(site, target);
      }
    }

    private void take(long site, long target) {
      if (!memory.read(site, code, LONG_BYTES)) {
        return;
      }
      boolean isShort = code[0] == SHORT_JUMP || code[0] == SHORT_NOP[0];
      if (isShort && target - site - SHORT_BYTES != (byte) (target - site - SHORT_BYTES)) {
        return;
      }
      byte[] jump = isShort ? shortJump(target - site) : longJump(target - site);
      Site one = new Site(site, jump);
      if (one.is(code)) {
        row.add(one);
      }
    }

    private static byte[] longJump(long distance) {
      int relative = (int) (distance - LONG_BYTES);
      return new byte[] {
        LONG_JUMP,
        (byte) relative,
        (byte) (relative >> 8),
        (byte) (relative >> 16),
        (byte) (relative >> 24)
      };
    }

    private static byte[] shortJump(long distance) {
      return new byte[] {SHORT_JUMP, (byte) (distance - SHORT_BYTES)};
    }

    private boolean isInImage(long gpa) {
      return gpa >= first && gpa < end;
    }

    private boolean isText(long gpa) {
      return ranges.stream()
          .anyMatch(range ->
              range.isText()
                  && gpa >= range.guest().first()
                  && gpa + LONG_BYTES <= range.guest().end());
    }

    private void endRow() {
      if (inRow >= LEAST_IN_A_ROW && found.size() + row.size() <= MOST) {
        found.addAll(row);
      }
      row.clear();
      inRow = 0;
    }
  }
}
