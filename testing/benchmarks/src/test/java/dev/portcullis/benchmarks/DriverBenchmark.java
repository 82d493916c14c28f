package dev.portcullis.benchmarks;

import dev.portcullis.driver.DriverOptions;
import dev.portcullis.driver.RemappingDriver;
import dev.portcullis.driver.device.DeviceFeatures;
import dev.portcullis.driver.dma.DmaMapper;
import dev.portcullis.driver.dma.DmaMapper.Flushing;
import dev.portcullis.driver.domain.PagingDomain;
import dev.portcullis.driver.iova.IovaAllocator;
import dev.portcullis.driver.port.DriverException;
import dev.portcullis.driver.table.Rights;
import dev.portcullis.kit.driver.InProcessPlatform;
import dev.portcullis.unit.UnitConfiguration;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// What a buffer costs the driver: mapped and unmapped again, with the unit in its process.
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@State(Scope.Thread)
public class DriverBenchmark {
  private static final int SOURCE = 0x0110;
  private static final long PAGE = 4096;
  private static final long IOVA = 0x1234_5000L;
  private static final long HPA = 0x80_0000;

  private PagingDomain domain;
  private DmaMapper strict;
  private DmaMapper deferred;

  /// Unmade until set up.
  public DriverBenchmark() {}

  /// Brings a unit up, with one device attached.
  @Setup
  public void start() throws DriverException {
    InProcessPlatform platform = new InProcessPlatform(UnitConfiguration.builder().build());
    RemappingDriver driver = RemappingDriver.start(platform.platform(), DriverOptions.DEFAULT);
    domain = driver.domains().paging();
    driver.device(SOURCE, DeviceFeatures.NONE).attach(domain);
    strict = new DmaMapper(domain, new IovaAllocator(1L << 32, 1L << 33), Flushing.STRICT, 48);
    deferred = new DmaMapper(domain, new IovaAllocator(1L << 34, 1L << 35), Flushing.DEFERRED, 48);
  }

  /// At a given address.
  @Benchmark
  public long mapAndUnmap() throws DriverException {
    domain.map(IOVA, HPA, PAGE, Rights.READ_WRITE);
    return domain.unmap(IOVA, PAGE);
  }

  /// At an address found for it.
  @Benchmark
  public long bufferStrict() throws DriverException {
    long iova = strict.map(HPA, PAGE, Rights.READ_WRITE);
    strict.unmap(iova, PAGE);
    return iova;
  }

  /// The same, flushed 256 at a time.
  @Benchmark
  public long bufferDeferred() throws DriverException {
    long iova = deferred.map(HPA, PAGE, Rights.READ_WRITE);
    deferred.unmap(iova, PAGE);
    return iova;
  }

  /// 64 KiB.
  @Benchmark
  public long sixteenPagesStrict() throws DriverException {
    long iova = strict.map(HPA, 16 * PAGE, Rights.READ_WRITE);
    strict.unmap(iova, 16 * PAGE);
    return iova;
  }
}
