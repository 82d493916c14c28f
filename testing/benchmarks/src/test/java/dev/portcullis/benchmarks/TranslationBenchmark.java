package dev.portcullis.benchmarks;

import dev.portcullis.unit.UnitConfiguration;
import dev.portcullis.unit.drain.InFlight;
import dev.portcullis.unit.request.Request;
import java.util.SplittableRandom;
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

/// One translation: of pages in the IOTLB, and of random pages over 440 MiB, mostly not in it.
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@State(Scope.Benchmark)
public class TranslationBenchmark {
  private static final int SOURCE = 0x0110;
  private static final int HOT_PAGES = 64;
  private static final int PAGES = 440 << 8;
  private static final int ORDER = 1 << 16;

  private final long[] random = new long[ORDER];
  private BenchedUnit benched;

  /// Where each thread is.
  @State(Scope.Thread)
  public static class Position {
    int at;

    /// At the start.
    public Position() {}
  }

  /// Unmade until set up.
  public TranslationBenchmark() {}

  /// Maps 440 MiB in 4-KiB pages.
  @Setup
  public void map() {
    benched = new BenchedUnit(UnitConfiguration.builder().build());
    long tables = benched.attach(SOURCE, 1, 4);
    for (int page = 0; page < PAGES; page++) {
      benched.map(tables, 4, 1, (long) page << 12);
    }
    benched.enable();
    SplittableRandom numbers = new SplittableRandom(1);
    for (int i = 0; i < ORDER; i++) {
      random[i] = (long) numbers.nextInt(PAGES) << 12;
    }
  }

  @Benchmark
  public long hit(Position position) {
    long iova = (long) (position.at++ & HOT_PAGES - 1) << 12;
    return benched.unit.translate(SOURCE, iova, Request.READ);
  }

  @Benchmark
  public long hitBracketed(Position position) {
    InFlight inFlight = benched.unit.inFlight();
    long iova = (long) (position.at++ & HOT_PAGES - 1) << 12;
    int ticket = inFlight.enter(1);
    long hpa = benched.unit.translate(SOURCE, iova, Request.READ);
    inFlight.exit(ticket, 1);
    return hpa;
  }

  @Benchmark
  public long randomOver440MiB(Position position) {
    return benched.unit.translate(SOURCE, random[position.at++ & ORDER - 1], Request.READ);
  }
}
