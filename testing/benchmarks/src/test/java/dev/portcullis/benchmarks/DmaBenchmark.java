package dev.portcullis.benchmarks;

import dev.portcullis.machine.wiring.RootComplex;
import dev.portcullis.pci.Completion;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.pci.UpstreamPort;
import dev.portcullis.unit.UnitConfiguration;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
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
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/// A DMA write of 4 KiB, all the way from a device's port to memory, beside a bare copy of the same
/// bytes to the same places; one device thread, and two.
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@State(Scope.Benchmark)
public class DmaBenchmark {
  private static final RequesterId DEVICE = RequesterId.parse("00:05.0");
  private static final long PAGE = 4096;
  private static final int FIRST_PAGE = 0x10000;
  private static final int ORDER = 1 << 16;

  /// How many pages the device writes to, in random order: in its caches, or all over memory.
  @Param({"64", "65536"})
  int pages;

  private final long[] iovas = new long[ORDER];
  private BenchedUnit benched;
  private UpstreamPort port;

  /// One device thread.
  @State(Scope.Thread)
  public static class Device {
    final MemorySegment buffer = Arena.ofAuto().allocate(PAGE, PAGE);
    int at = (int) Thread.currentThread().threadId() * 7919;

    /// With a buffer of its own.
    public Device() {}
  }

  /// Unmade until set up.
  public DmaBenchmark() {}

  /// Maps each page to itself.
  @Setup
  public void map() {
    benched = new BenchedUnit(UnitConfiguration.builder().build());
    long tables = benched.attach(DEVICE.id(), 1, 4);
    for (int page = 0; page < pages; page++) {
      benched.map(tables, 4, 1, (FIRST_PAGE + page) * PAGE);
    }
    benched.enable();
    SplittableRandom numbers = new SplittableRandom(1);
    for (int i = 0; i < ORDER; i++) {
      iovas[i] = (FIRST_PAGE + numbers.nextInt(pages)) * PAGE;
    }
    RootComplex complex = new RootComplex();
    complex.cover(DEVICE, benched.unit);
    port = complex.portOf(DEVICE, benched.memory, (address, data) -> {});
  }

  @Benchmark
  public void bareCopy(Device device) {
    long hpa = iovas[device.at++ & ORDER - 1];
    MemorySegment.copy(device.buffer, 0, benched.bytes, hpa, PAGE);
  }

  @Benchmark
  public Completion throughTheUnit(Device device) {
    return port.write(iovas[device.at++ & ORDER - 1], device.buffer, 0, PAGE);
  }

  @Benchmark
  @Threads(2)
  public Completion throughTheUnitByTwoThreads(Device device) {
    return port.write(iovas[device.at++ & ORDER - 1], device.buffer, 0, PAGE);
  }

  @Benchmark
  @Threads(2)
  public void bareCopyByTwoThreads(Device device) {
    long hpa = iovas[device.at++ & ORDER - 1];
    MemorySegment.copy(device.buffer, 0, benched.bytes, hpa, PAGE);
  }
}
