package dev.portcullis.conformance.driver;

import dev.portcullis.driver.domain.PagingDomain;
import dev.portcullis.driver.domain.PagingDomain.Stage;
import dev.portcullis.driver.port.DriverException;
import dev.portcullis.driver.table.Rights;
import dev.portcullis.kit.driver.DrivenPlatform.Reach;
import dev.portcullis.kit.driver.InProcessPlatform;
import dev.portcullis.kit.random.Seed;
import dev.portcullis.pci.PasidPrefix;
import java.util.Arrays;
import java.util.SplittableRandom;

/// A domain, and what is mapped in it page by page: where to, and the rights in the low bits.
final class MappedModel {
  private static final long PAGE = 4096;
  private static final int PAGES = 3 * 512 * 512;

  /// Starts with a 1-GiB page's boundary, below what three levels translate.
  private static final long BASE = 0x3f_0000_0000L;

  private static final int READ = 1;
  private static final int WRITE = 2;
  private static final int SAMPLES = 6;
  private static final int STRIDE = 61;

  private final PagingDomain domain;
  private final SplittableRandom random;
  private final Seed seed;
  private final long[] pages = new long[PAGES];

  MappedModel(PagingDomain domain, SplittableRandom random, Seed seed) {
    this.domain = domain;
    this.random = random;
    this.seed = seed;
  }

  PagingDomain domain() {
    return domain;
  }

  /// Changes something, and checks around it.
  void step(InProcessPlatform platform, int sourceId) throws DriverException {
    int first = first();
    int count = Math.min(count(first), PAGES - first);
    switch (random.nextInt(8)) {
      case 0, 1, 2, 3 -> map(first, count);
      case 4, 5, 6 -> unmap(first, count);
      default -> unmapLater(first, count);
    }
    for (int page : new int[] {first - 1, first, first + count - 1, first + count}) {
      if (page >= 0 && page < PAGES) {
        check(platform, sourceId, page);
      }
    }
    for (int i = 0; i < SAMPLES; i++) {
      check(platform, sourceId, first + random.nextInt(count));
      check(platform, sourceId, random.nextInt(PAGES));
    }
  }

  /// Often a place where much happens, and a boundary of large pages.
  private int first() {
    return switch (random.nextInt(4)) {
      case 0 -> random.nextInt(PAGES);
      case 1 -> random.nextInt(2048);
      case 2 -> random.nextInt(PAGES / 512) * 512;
      default -> random.nextInt(4) * 512;
    };
  }

  private int count(int first) {
    return switch (random.nextInt(8)) {
      case 0, 1, 2 -> 1;
      case 3 -> 1 + random.nextInt(40);
      case 4 -> 512;
      case 5 -> 512 * (1 + random.nextInt(4));
      case 6 -> 1 + random.nextInt(1500);
      default -> first % (512 * 512) == 0 ? 512 * 512 : 512;
    };
  }

  private void map(int first, int count) throws DriverException {
    boolean isFree = Arrays.stream(pages, first, first + count).allMatch(page -> page == 0);
    int rights = 1 + random.nextInt(3);
    // As often as not, aligned so that large pages fit.
    long hpa = random.nextBoolean() ? iova(first) & (1L << 30) - 1 : random.nextInt(1 << 20) * PAGE;
    hpa += 1L << 34;
    try {
      domain.map(iova(first), hpa, count * PAGE, rights(rights));
    } catch (DriverException e) {
      if (isFree || e.reason() != DriverException.Reason.ALREADY_MAPPED) {
        throw e;
      }
      return;
    }
    demand(isFree, "mapped twice: page " + first);
    for (int i = 0; i < count; i++) {
      pages[first + i] = hpa + i * PAGE | rights;
    }
  }

  private static Rights rights(int bits) {
    return switch (bits) {
      case READ -> Rights.READ;
      case WRITE -> Rights.WRITE;
      default -> Rights.READ_WRITE;
    };
  }

  private void unmap(int first, int count) throws DriverException {
    long mapped = domain.unmap(iova(first), count * PAGE);
    demand(mapped == forget(first, count), "bytes that were mapped");
  }

  private void unmapLater(int first, int count) throws DriverException {
    domain.unmapLater(iova(first), count * PAGE);
    forget(first, count);
    int alsoFirst = random.nextInt(PAGES);
    domain.unmapLater(iova(alsoFirst), PAGE);
    forget(alsoFirst, 1);
    domain.flush();
  }

  private long forget(int first, int count) {
    long mapped =
        Arrays.stream(pages, first, first + count).filter(page -> page != 0).count() * PAGE;
    Arrays.fill(pages, first, first + count, 0);
    return mapped;
  }

  private static long iova(int page) {
    return BASE + page * PAGE;
  }

  /// Checks pages all over.
  void checkAll(InProcessPlatform platform, int sourceId) {
    for (int page = random.nextInt(STRIDE); page < PAGES; page += STRIDE) {
      check(platform, sourceId, page);
    }
  }

  private void check(InProcessPlatform platform, int sourceId, int page) {
    boolean hasWriteOnly = domain.stage() == Stage.SECOND;
    boolean mapped = pages[page] != 0;
    boolean reads = (pages[page] & READ) != 0 || mapped && !hasWriteOnly;
    boolean writes = (pages[page] & WRITE) != 0;
    long hpa = (pages[page] & -PAGE) + 8;
    long iova = iova(page) + 8;
    Reach read = platform.read(sourceId, PasidPrefix.NONE, iova, hpa);
    Reach write = platform.write(sourceId, PasidPrefix.NONE, iova, hpa);
    demand(
        read == (reads ? Reach.THERE : Reach.BLOCKED)
            && write == (writes ? Reach.THERE : Reach.BLOCKED),
        "page %d, %#x to %#x: read %s, write %s".formatted(page, iova, pages[page], read, write));
  }

  private void demand(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what + "; " + seed);
    }
  }
}
