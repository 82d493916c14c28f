package dev.portcullis.kit.driver;

import dev.portcullis.driver.discovery.UnitTraits;
import dev.portcullis.driver.dma.DmaMapper;
import dev.portcullis.driver.dma.DmaMapper.Flushing;
import dev.portcullis.driver.domain.Domain;
import dev.portcullis.driver.domain.PagingDomain;
import dev.portcullis.driver.domain.PagingDomain.Snoop;
import dev.portcullis.driver.fault.FaultRecord;
import dev.portcullis.driver.iova.IovaAllocator;
import dev.portcullis.driver.port.DriverException;
import dev.portcullis.driver.table.Rights;
import dev.portcullis.spec.table.FirstStageEntry;
import dev.portcullis.spec.table.SecondStageEntry;
import java.util.ArrayList;
import java.util.List;

/// What several scenarios do.
final class DriverSteps {
  static final long PAGE = 4096;
  static final long LARGE = 2 << 20;

  /// An address like any other.
  static final long IOVA = 0x1234_5000L;

  private static final long GUEST_PHYSICAL = 0x30_0000_0000L;

  private DriverSteps() {}

  static boolean hasTables(UnitTraits traits) {
    return traits.hasSecondStage() || traits.hasFirstStage();
  }

  static PagingDomain attached(DrivenUnit unit) throws DriverException {
    PagingDomain domain = unit.driver().domains().paging();
    unit.device().attach(domain);
    return domain;
  }

  /// How many faults have been recorded since the last call.
  static int faults(DrivenUnit unit) throws DriverException {
    List<FaultRecord> faults = new ArrayList<>();
    unit.driver().faults().drain(faults::add);
    return faults.size();
  }

  static void mapAndUnmap(DrivenUnit unit, PagingDomain domain) throws DriverException {
    unit.device().attach(domain);
    long page = unit.page();
    unit.isBlocked(IOVA, page);
    domain.map(IOVA, page, PAGE, Rights.READ_WRITE);
    unit.reaches(IOVA, page);
    unit.reaches(IOVA + 0xff8, page + 0xff8);
    unit.isBlocked(IOVA + PAGE, page + PAGE);
    long unmapped = domain.unmap(IOVA - 4 * PAGE, 16 * PAGE);
    DrivenUnit.demand(unmapped == PAGE, "one page was mapped");
    unit.isBlocked(IOVA, page);
  }

  /// A buffer that begins within a page gets an address, twice: a strict mapper gives the same
  /// again, one that defers does so only after the flush.
  static void mapBuffers(DrivenUnit unit, Flushing flushing) throws DriverException {
    PagingDomain domain = attached(unit);
    DmaMapper mapper = new DmaMapper(domain, new IovaAllocator(PAGE, 1L << 38), flushing, 32);
    long buffer = unit.platform().block(4 * PAGE) + 0x808;
    long bytes = 3 * PAGE;
    long iova = mapper.map(buffer, bytes, Rights.READ_WRITE);
    DrivenUnit.demand(iova + bytes <= 1L << 32, "an address of 32 bits");
    unit.reaches(iova, buffer);
    unit.reaches(iova + bytes - 8, buffer + bytes - 8);
    mapper.unmap(iova, bytes);
    if (flushing == Flushing.STRICT) {
      unit.isBlocked(iova, buffer);
    }
    long second = mapper.map(buffer, bytes, Rights.READ_WRITE);
    DrivenUnit.demand(
        second == iova == (flushing == Flushing.STRICT), "used again at once if strict");
    unit.reaches(second, buffer);
    mapper.unmap(second, bytes);
    mapper.flush();
    unit.isBlocked(iova, buffer);
    unit.isBlocked(second, buffer);
  }

  /// A guest whose physical memory begins at [#GUEST_PHYSICAL] maps one page of it.
  static void nest(DrivenUnit unit) throws DriverException {
    PagingDomain outer = unit.driver().domains().secondStage(4, Snoop.AS_REQUESTED);
    long block = unit.platform().block(8 * PAGE);
    outer.map(GUEST_PHYSICAL, block, 8 * PAGE, Rights.READ_WRITE);
    long bits = FirstStageEntry.US.mask() | FirstStageEntry.RW.mask() | FirstStageEntry.A.mask();
    for (int level = 4; level >= 1; level--) {
      long table = block + (4 - level) * PAGE;
      long next = GUEST_PHYSICAL + (5 - level) * PAGE;
      unit.platform()
          .platform()
          .memory()
          .writeLong(
              SecondStageEntry.address(table, IOVA, level),
              FirstStageEntry.present(next, bits | FirstStageEntry.D.mask()).word());
    }
    Domain nested = unit.driver().domains().nested(outer, GUEST_PHYSICAL, 4);
    unit.device().attach(nested);
    unit.reaches(IOVA, block + 4 * PAGE);
    outer.unmap(GUEST_PHYSICAL + 4 * PAGE, PAGE);
    unit.isBlocked(IOVA, block + 4 * PAGE);
    outer.map(GUEST_PHYSICAL + 4 * PAGE, block + 6 * PAGE, PAGE, Rights.READ_WRITE);
    unit.reaches(IOVA, block + 6 * PAGE);
  }
}
