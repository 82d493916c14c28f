package dev.portcullis.benchmarks;

import dev.portcullis.unit.UnitConfiguration;
import dev.portcullis.unit.policy.CacheSizes;
import dev.portcullis.unit.request.Request;
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

/// A hit among many domains that all use the same address, with caches large enough for them: 64
/// requesters are busy at a time.
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@State(Scope.Thread)
public class DomainsBenchmark {
  private static final long IOVA = 0x5000;
  private static final int BUSY = 64;

  /// Number of domains, each with one requester.
  @Param({"1", "64", "4096", "65536"})
  public int domains;

  private BenchedUnit benched;
  private int at;

  /// Unmade until set up.
  public DomainsBenchmark() {}

  /// Gives each domain one large page and uses it once.
  @Setup
  public void map() {
    benched =
        new BenchedUnit(
            UnitConfiguration.builder()
                .caches(new CacheSizes(4096, 4, 1 << 18, 1 << 16, 512))
                .build());
    for (int domain = 0; domain < domains; domain++) {
      long tables = benched.attach(domain, domain, 3);
      benched.map(tables, 3, 3, IOVA);
    }
    benched.enable();
    for (int domain = 0; domain < domains; domain++) {
      benched.unit.translate(domain, IOVA, Request.READ);
    }
  }

  @Benchmark
  public long hit() {
    int source = (at++ & BUSY - 1) * (domains / BUSY) & domains - 1;
    return benched.unit.translate(source, IOVA, Request.READ);
  }
}
