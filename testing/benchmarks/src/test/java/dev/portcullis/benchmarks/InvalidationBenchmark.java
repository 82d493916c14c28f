package dev.portcullis.benchmarks;

import dev.portcullis.spec.descriptor.InvalidationWait;
import dev.portcullis.spec.descriptor.IotlbInvalidate;
import dev.portcullis.unit.UnitConfiguration;
import dev.portcullis.unit.request.Request;
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

/// What an invalidation costs software that has the unit in its process: two descriptors put into
/// the queue, the tail written, the status written, drained.
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@State(Scope.Thread)
public class InvalidationBenchmark {
  private static final int SOURCE = 0x0110;
  private static final int DOMAIN = 1;
  private static final int PAGES = 2048;
  private static final InvalidationWait WAIT = InvalidationWait.status(0x3000, 1);

  private BenchedUnit benched;
  private int at;

  /// Unmade until set up.
  public InvalidationBenchmark() {}

  /// Maps pages and uses each once.
  @Setup
  public void map() {
    benched = new BenchedUnit(UnitConfiguration.builder().build());
    long tables = benched.attach(SOURCE, DOMAIN, 4);
    for (int page = 0; page < PAGES; page++) {
      benched.map(tables, 4, 1, (long) page << 12);
    }
    benched.enable();
    for (int page = 0; page < PAGES; page++) {
      benched.unit.translate(SOURCE, (long) page << 12, Request.READ);
    }
  }

  private long iova() {
    return (long) (at++ & PAGES - 1) << 12;
  }

  @Benchmark
  public void onePage() {
    benched.submit(IotlbInvalidate.pages(DOMAIN, iova(), 0), WAIT);
  }

  @Benchmark
  public long onePageAndUseIt() {
    long iova = iova();
    benched.submit(IotlbInvalidate.pages(DOMAIN, iova, 0), WAIT);
    return benched.unit.translate(SOURCE, iova, Request.READ);
  }

  @Benchmark
  public void twoMiB() {
    benched.submit(IotlbInvalidate.pages(DOMAIN, iova(), 9), WAIT);
  }

  @Benchmark
  public void domain() {
    benched.submit(IotlbInvalidate.domain(DOMAIN), WAIT);
  }
}
