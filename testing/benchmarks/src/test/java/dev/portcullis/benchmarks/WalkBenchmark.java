package dev.portcullis.benchmarks;

import dev.portcullis.unit.UnitConfiguration;
import dev.portcullis.unit.policy.AddressWidth;
import dev.portcullis.unit.policy.CacheSizes;
import dev.portcullis.unit.request.Request;
import java.util.EnumSet;
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

/// A whole walk, by the depth of the tables: no cache knows the page or any table on the way.
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@State(Scope.Thread)
public class WalkBenchmark {
  private static final int SOURCE = 0x0110;
  private static final int PAGES = 64;

  /// Levels of the tables.
  @Param({"3", "4", "5"})
  public int levels;

  private BenchedUnit benched;
  private int at;

  /// Unmade until set up.
  public WalkBenchmark() {}

  /// Maps pages that share no table below the top, beside caches of four entries.
  @Setup
  public void map() {
    benched =
        new BenchedUnit(
            UnitConfiguration.builder()
                .addressWidths(EnumSet.allOf(AddressWidth.class))
                .guestAddressBits(57)
                .caches(new CacheSizes(4, 4, 4, 4096, 4))
                .build());
    long tables = benched.attach(SOURCE, 1, levels);
    for (int page = 0; page < PAGES; page++) {
      benched.map(tables, levels, 1, iova(page));
    }
    benched.enable();
  }

  private long iova(int page) {
    return (long) page << 12 + 9 * (levels - 1);
  }

  @Benchmark
  public long walk() {
    return benched.unit.translate(SOURCE, iova(at++ & PAGES - 1), Request.READ);
  }
}
