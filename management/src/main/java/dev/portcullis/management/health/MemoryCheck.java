package dev.portcullis.management.health;

import dev.portcullis.vmm.VmmException;
import dev.portcullis.vmm.memory.Owner;
import dev.portcullis.vmm.memory.PageRange;
import dev.portcullis.vmm.memory.PhysicalMemory;
import dev.portcullis.vmm.memory.PhysicalMemory.Portion;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Writes patterns to free memory and reads them back; reads the memory of partitions, and leaves
/// it as it is.
///
/// Free memory is taken from the ledger part by part, so that nobody gets what is being tested, and
/// is zeroes when it is given back. Of much memory a share is looked at, spread over all of it: the
/// host spends real memory on what is touched.
final class MemoryCheck {
  /// How much of free memory, and of partitions', is looked at.
  static final long MOST_BYTES = 64L << 20;

  private static final int PART = 1 << 20;
  private static final String FREE = "free memory";

  private final PhysicalMemory ledger;
  private final Cells cells;
  private final DiagnosisProgress progress;
  private final List<CheckResult> results = new ArrayList<>();

  MemoryCheck(PhysicalMemory ledger, Cells cells, DiagnosisProgress progress) {
    this.ledger = ledger;
    this.cells = cells;
    this.progress = progress;
  }

  List<CheckResult> run() {
    testFree();
    for (Portion portion : ledger.portions()) {
      if (portion.owner() instanceof Owner.Window || portion.owner() instanceof Owner.Shared) {
        scan(portion);
      }
    }
    return results;
  }

  // What is nobody's.

  private void testFree() {
    List<PageRange> parts = spread(parts(free()));
    long tested = 0;
    for (int i = 0; i < parts.size(); i++) {
      progress.report(FREE, (double) i / parts.size());
      Optional<Long> wrong = Optional.empty();
      try {
        PageRange part = parts.get(i);
        ledger.take(part, new Owner.Reserved("the monitor: diagnosis"));
        try {
          wrong = test(part);
        } finally {
          ledger.release(part);
        }
        tested += part.bytes();
      } catch (VmmException taken) {
        // It has become somebody's meanwhile.
      }
      if (wrong.isPresent()) {
        results.add(
            CheckResult.failed(
                Check.MEMORY, FREE, "what was written at %#x was not read".formatted(wrong.get())));
        return;
      }
    }
    results.add(
        tested == 0
            ? CheckResult.skipped(Check.MEMORY, FREE, "there is none")
            : CheckResult.passed(
                Check.MEMORY, FREE, "%,d MiB kept what was written".formatted(tested >> 20)));
  }

  /// Free ranges of at least a part.
  private List<PageRange> free() {
    List<PageRange> free = new ArrayList<>();
    long at = ledger.whole().first();
    for (Portion portion : ledger.portions()) {
      addGap(at, portion.range().first(), free);
      at = portion.range().end();
    }
    addGap(at, ledger.whole().end(), free);
    return free;
  }

  private static void addGap(long first, long end, List<PageRange> free) {
    if (end - first >= PART) {
      free.add(new PageRange(first, end - first));
    }
  }

  /// Whole parts of the ranges; of what is shorter, nothing.
  private static List<PageRange> parts(List<PageRange> ranges) {
    List<PageRange> parts = new ArrayList<>();
    for (PageRange range : ranges) {
      for (long at = range.first(); at + PART <= range.end(); at += PART) {
        parts.add(new PageRange(at, PART));
      }
    }
    return parts;
  }

  /// No more than may be looked at, at equal distances, the first and the last among them.
  private static List<PageRange> spread(List<PageRange> parts) {
    int most = (int) (MOST_BYTES / PART);
    if (parts.size() <= most) {
      return parts;
    }
    List<PageRange> spread = new ArrayList<>();
    for (int i = 0; i < most; i++) {
      spread.add(parts.get((int) ((long) i * (parts.size() - 1) / (most - 1))));
    }
    return spread;
  }

  /// @return where it is not what was written
  private Optional<Long> test(PageRange part) {
    MemorySegment pattern = Pattern.of(part.first(), (int) part.bytes());
    Optional<Long> wrong = test(part.first(), pattern);
    if (wrong.isEmpty()) {
      wrong = test(part.first(), Pattern.complement(pattern));
    }
    cells.write(part.first(), Pattern.zeroes((int) part.bytes()));
    return wrong;
  }

  private Optional<Long> test(long hpa, MemorySegment pattern) {
    MemorySegment back = Pattern.zeroes((int) pattern.byteSize());
    if (!cells.write(hpa, pattern) || !cells.read(hpa, back)) {
      return Optional.of(hpa);
    }
    long at = back.mismatch(pattern);
    return at < 0 ? Optional.empty() : Optional.of(hpa + at);
  }

  // What is somebody's.

  private void scan(Portion portion) {
    String name = portion.owner().toString();
    List<PageRange> parts = spread(parts(List.of(portion.range())));
    MemorySegment to = Pattern.zeroes(PART);
    for (int i = 0; i < parts.size(); i++) {
      progress.report(name, (double) i / parts.size());
      if (!cells.read(parts.get(i).first(), to)) {
        results.add(CheckResult.failed(Check.MEMORY, name, parts.get(i) + " cannot be read"));
        return;
      }
    }
    results.add(
        parts.isEmpty()
            ? CheckResult.skipped(Check.MEMORY, name, "it is less than 1 MiB")
            : CheckResult.passed(
                Check.MEMORY,
                name,
                "%,d MiB were read".formatted((long) parts.size() * PART >> 20)));
  }
}
