package dev.portcullis.management.integrity;

import dev.portcullis.vmm.engine.Engine.Paging;
import dev.portcullis.vmm.memory.PageRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Where a running x86-64 Linux has its own text and read-only data: what its page tables map,
/// without the right to write, at the addresses that kernels are linked for.
///
/// ```
///   ffff_ffff_8000_0000  ┬ 1 GiB: the image, moved by a random number of 2-MiB steps
///                        │   text       not writable, executable
///                        │   data       not writable, not executable: read-only data
///   ffff_ffff_c000_0000  ┴ modules: not looked at
/// ```
///
/// A kernel takes the right to write there just before it starts its first process, and patches its
/// text until then as it likes; so nothing is found before. A kernel that is hostile by then has
/// whatever it wants found: what it was when it was loaded is for verified boot to say.
final class KernelLayout {
  private static final int ENTRIES = 512;
  private static final int TOP_INDEX = 511;
  private static final int IMAGE_INDEX = 510;
  private static final long LARGE_PAGE_BYTES = 2 << 20;

  private static final long P = 1;
  private static final long RW = 1 << 1;
  private static final long PS = 1 << 7;
  private static final long NX = 1L << 63;
  private static final long ADDRESS = 0x000f_ffff_ffff_f000L;

  /// With page-table isolation a processor in user mode has other tables, in the page behind: there
  /// the kernel's are.
  private static final long ISOLATION = 1 << 12;

  /// A kernel is larger; what processes see of it in their tables is smaller.
  private static final long LEAST_TEXT_BYTES = 1 << 20;

  private final GuestMemory memory;
  private final byte[] entry = new byte[Long.BYTES];
  private final List<WatchedRange> ranges = new ArrayList<>();
  private PageRange run;
  private String runName;

  private static final long MOST_BYTES = 256 << 20;
  private static final int MOST_RANGES = 64;

  private KernelLayout(GuestMemory memory) {
    this.memory = memory;
  }

  /// What must not change of the kernel that uses these tables; none if none is found. A bounded
  /// amount of work, whatever the tables say.
  static Optional<List<WatchedRange>> find(GuestMemory memory, Paging paging) {
    for (long root : new long[] {paging.root(), paging.root() & ~ISOLATION}) {
      List<WatchedRange> found = new KernelLayout(memory).walk(root, paging.levels());
      long text =
          found.stream()
              .filter(WatchedRange::isText)
              .mapToLong(range -> range.guest().bytes())
              .sum();
      long all = found.stream().mapToLong(range -> range.guest().bytes()).sum();
      if (text >= LEAST_TEXT_BYTES && all <= MOST_BYTES && found.size() <= MOST_RANGES) {
        return Optional.of(found);
      }
    }
    return Optional.empty();
  }

  private List<WatchedRange> walk(long root, int levels) {
    long rights = RW;
    long table = root;
    for (int level = levels; level >= 3; level--) {
      long entry = entry(table, level == 3 ? IMAGE_INDEX : TOP_INDEX);
      if ((entry & P) == 0 || (entry & PS) != 0) {
        return List.of();
      }
      rights = combine(rights, entry);
      table = entry & ADDRESS;
    }
    for (int i = 0; i < ENTRIES; i++) {
      large(entry(table, i), rights);
    }
    end();
    return ranges;
  }

  /// Both have to allow writing; either forbids execution.
  private static long combine(long rights, long entry) {
    return rights & entry & RW | (rights | entry) & NX;
  }

  private void large(long entry, long above) {
    long rights = combine(above, entry);
    if ((entry & P) == 0) {
      end();
    } else if ((entry & PS) != 0) {
      add(new PageRange(entry & ADDRESS & -LARGE_PAGE_BYTES, LARGE_PAGE_BYTES), rights);
    } else {
      for (int i = 0; i < ENTRIES; i++) {
        long page = entry(entry & ADDRESS, i);
        if ((page & P) == 0) {
          end();
        } else {
          add(new PageRange(page & ADDRESS, PageRange.PAGE_BYTES), combine(rights, page));
        }
      }
    }
  }

  private void add(PageRange pages, long rights) {
    if ((rights & RW) != 0) {
      end();
      return;
    }
    String name = (rights & NX) == 0 ? WatchedRange.TEXT : "kernel read-only data";
    if (run != null && name.equals(runName) && run.end() == pages.first()) {
      run = new PageRange(run.first(), run.bytes() + pages.bytes());
    } else {
      end();
      run = pages;
      runName = name;
    }
  }

  private void end() {
    if (run != null) {
      ranges.add(new WatchedRange(runName, run, Optional.empty()));
      run = null;
    }
  }

  private long entry(long table, int index) {
    boolean isThere = memory.read(table + (long) index * Long.BYTES, entry, entry.length);
    return isThere ? LittleEndian.int64(entry, 0) : 0;
  }
}
