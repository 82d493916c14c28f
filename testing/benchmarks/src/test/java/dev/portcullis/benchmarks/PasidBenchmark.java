package dev.portcullis.benchmarks;

import dev.portcullis.driver.DriverOptions;
import dev.portcullis.driver.RemappingDriver;
import dev.portcullis.driver.device.DeviceFeatures;
import dev.portcullis.driver.device.DeviceFeatures.PageRequests;
import dev.portcullis.driver.domain.Domain;
import dev.portcullis.driver.domain.Domains;
import dev.portcullis.driver.domain.PagingDomain;
import dev.portcullis.driver.domain.PagingDomain.Snoop;
import dev.portcullis.driver.port.DriverException;
import dev.portcullis.driver.table.Rights;
import dev.portcullis.kit.driver.InProcessPlatform;
import dev.portcullis.pci.PasidPrefix;
import dev.portcullis.unit.RemappingUnit;
import dev.portcullis.unit.UnitConfiguration.Preset;
import dev.portcullis.unit.policy.CacheSizes;
import dev.portcullis.unit.request.Request;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// A request with PASID in scalable mode, by the stages of its tables, of 4 levels each: pages the
/// IOTLB has, and pages for which all of the tables must be walked.
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@State(Scope.Thread)
public class PasidBenchmark {
  private static final int SOURCE = 0x0110;
  private static final int PASID = 7;
  private static final int PREFIX = PasidPrefix.of(PASID);
  private static final int PAGES = 64;
  private static final long PAGE = 4096;
  private static final long HPA = 0x80_0000;

  /// What a translation takes.
  public enum Stages {
    SECOND {
      @Override
      Domain make(Domains domains, int shift) throws DriverException {
        return filled(domains.secondStage(4, Snoop.AS_REQUESTED), shift);
      }
    },
    FIRST {
      @Override
      Domain make(Domains domains, int shift) throws DriverException {
        return filled(domains.firstStage(4, Snoop.AS_REQUESTED), shift);
      }
    },
    NESTED {
      @Override
      Domain make(Domains domains, int shift) throws DriverException {
        PagingDomain outer = domains.secondStage(4, Snoop.AS_REQUESTED);
        for (long gpa = 0; gpa < InProcessPlatform.MEMORY_BYTES; gpa += PAGE) {
          outer.map(gpa, gpa, PAGE, Rights.READ_WRITE);
        }
        PagingDomain guest = filled(domains.firstStage(4, Snoop.AS_REQUESTED), shift);
        return domains.nested(outer, guest.pasidEntry().firstStageTables(), 4);
      }
    };

    /// A domain with pages that lie 2^`shift` bytes apart.
    abstract Domain make(Domains domains, int shift) throws DriverException;

    static PagingDomain filled(PagingDomain domain, int shift) throws DriverException {
      for (long page = 0; page < PAGES; page++) {
        domain.map(page << shift, HPA + page * PAGE, PAGE, Rights.READ_WRITE);
      }
      return domain;
    }
  }

  /// Where a translation is found.
  public enum Found {
    /// In the IOTLB.
    CACHED(CacheSizes.DEFAULT, 12),
    /// In the tables: pages share none below the top, and no cache knows any.
    WALKED(new CacheSizes(4, 4, 4, 4096, 4), 39);

    private final CacheSizes caches;
    private final int shift;

    Found(CacheSizes caches, int shift) {
      this.caches = caches;
      this.shift = shift;
    }
  }

  /// Stages of the tables.
  @Param public Stages stages;

  /// Whether the IOTLB knows.
  @Param public Found found;

  private RemappingUnit unit;
  private int at;

  /// Unmade until set up.
  public PasidBenchmark() {}

  /// Brings a unit up, with a device whose PASID has a domain.
  @Setup
  public void start() throws DriverException {
    InProcessPlatform platform =
        new InProcessPlatform(Preset.SCALABLE.builder().caches(found.caches).build());
    RemappingDriver driver = RemappingDriver.start(platform.platform(), DriverOptions.DEFAULT);
    Domain domain = stages.make(driver.domains(), found.shift);
    driver
        .device(SOURCE, new DeviceFeatures(Optional.empty(), 8, PageRequests.OFF))
        .attach(PASID, domain);
    unit = platform.unit();
    for (int i = 0; i < PAGES; i++) {
      if (translate() != HPA + (at - 1 & PAGES - 1) * PAGE) {
        throw new IllegalStateException("the page is not there");
      }
    }
  }

  @Benchmark
  public long translate() {
    long iova = (long) (at++ & PAGES - 1) << found.shift;
    return unit.translate(SOURCE, PREFIX, iova, Request.READ);
  }
}
