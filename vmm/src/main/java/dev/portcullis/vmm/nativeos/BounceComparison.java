package dev.portcullis.vmm.nativeos;

import dev.portcullis.driver.domain.PassThroughDomain;
import dev.portcullis.driver.port.DriverException;
import dev.portcullis.driver.port.PageAllocator;
import dev.portcullis.guest.edu.EduDriver;
import dev.portcullis.guest.pci.PciException;
import dev.portcullis.vmm.nativeos.description.NativeExpectation.Compare;
import dev.portcullis.vmm.nativeos.dma.BounceDma;
import dev.portcullis.vmm.nativeos.dma.Direction;
import dev.portcullis.vmm.nativeos.dma.DmaApi;
import dev.portcullis.vmm.nativeos.dma.DmaBuffer;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// The same transfers of a device that cannot reach high memory, to and from high memory: through
/// the remapping unit, and without it through bounce buffers. Both in turn, several times; the best
/// round of each counts.
public final class BounceComparison {
  private static final int PAGE = PageAllocator.PAGE_BYTES;
  private static final List<Integer> BUFFER_BYTES = List.of(4 << 10, 64 << 10, 1 << 20);
  private static final int ROUNDS = 5;
  private static final int WARM_CALLS = 1_000;
  private static final String SOURCE = "source";
  private static final String TARGET = "target";
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private final NativeSystem system;
  private final Compare compare;
  private final NativeDriver driver;
  private final EduDriver engine;
  private boolean isEqual = true;

  /// What transfers have cost.
  ///
  /// @param way how they went
  /// @param bufferBytes how much was mapped at a time
  /// @param bytes how much was moved, both directions together
  /// @param copiedBytes how much of it the processor has copied
  /// @param nanos how long all of it took
  /// @param cpuNanos how long the processor is busy for it with mapping, unmapping and copying
  public record Measured(
      Way way, int bufferBytes, long bytes, long copiedBytes, long nanos, long cpuNanos) {
    /// How often a byte was copied.
    public double copiesPerByte() {
      return (double) copiedBytes / bytes;
    }

    /// MiB in a second.
    public double throughput() {
      return bytes / (double) (1 << 20) / (nanos / 1e9);
    }

    /// Microseconds of the processor for a MiB.
    public double cpuMicrosPerMebibyte() {
      return cpuNanos / 1e3 / (bytes / (double) (1 << 20));
    }

    /// The faster of two rounds, in each respect: what else a computer does makes rounds slower.
    private Measured best(Measured other) {
      return new Measured(
          way,
          bufferBytes,
          bytes,
          copiedBytes,
          Math.min(nanos, other.nanos),
          Math.min(cpuNanos, other.cpuNanos));
    }
  }

  /// How a device reaches a buffer it has no address for.
  public enum Way {
    REMAPPED,
    BOUNCED
  }

  BounceComparison(NativeSystem system, Compare compare) throws PciException {
    this.system = system;
    this.compare = compare;
    this.driver = system.driver(compare.driver());
    this.engine = driver.engine();
  }

  NativeOutcome examine() throws DriverException, PciException, InterruptedException {
    List<Measured> all = new ArrayList<>();
    for (int bufferBytes : BUFFER_BYTES) {
      all.addAll(measure(bufferBytes));
    }
    boolean remappedCopiesNothing =
        all.stream().filter(one -> one.way == Way.REMAPPED).allMatch(one -> one.copiedBytes == 0);
    boolean bouncedCopiesAll =
        all.stream()
            .filter(one -> one.way == Way.BOUNCED)
            .allMatch(one -> one.copiedBytes == one.bytes);
    String detail =
        isEqual
            ? "data equal; each byte copied %.0f times remapped, %.0f times bounced"
                .formatted(all.get(0).copiesPerByte(), all.get(1).copiesPerByte())
            : "what came back differs";
    return new NativeOutcome(
        compare, isEqual && remappedCopiesNothing && bouncedCopiesAll, detail, all);
  }

  /// What comes first is not counted: code gets warm in it.
  private List<Measured> measure(int bufferBytes)
      throws DriverException, PciException, InterruptedException {
    int pages = 2 * bufferBytes / PAGE;
    long hpa = system.pages().allocate(pages);
    try {
      Transfer transfer = new Transfer(hpa, bufferBytes);
      transfer.warmUp(driver.dma());
      transfer.warmUp(transfer.bounces());
      transfer.remapped();
      transfer.bounced();
      Measured remapped = transfer.remapped();
      Measured bounced = transfer.bounced();
      for (int round = 1; round < ROUNDS; round++) {
        remapped = remapped.best(transfer.remapped());
        bounced = bounced.best(transfer.bounced());
      }
      return List.of(remapped, bounced);
    } finally {
      system.pages().free(hpa, pages);
    }
  }

  /// Bytes go from one buffer into the device and from there into another.
  private final class Transfer {
    private final long from;
    private final long to;
    private final int bufferBytes;
    private final MemorySegment source;
    private final MemorySegment target;

    private Transfer(long hpa, int bufferBytes) {
      this.from = hpa;
      this.to = hpa + bufferBytes;
      this.bufferBytes = bufferBytes;
      this.source = system.memory().at(from, bufferBytes);
      this.target = system.memory().at(to, bufferBytes);
      byte[] random = new byte[bufferBytes];
      new SplittableRandom(bufferBytes).nextBytes(random);
      source.copyFrom(MemorySegment.ofArray(random));
    }

    /// Maps and unmaps until the code is as fast as it gets.
    private void warmUp(DmaApi dma) throws DriverException {
      mapAndUnmap(dma, WARM_CALLS);
    }

    private void mapAndUnmap(DmaApi dma, long times) throws DriverException {
      for (long i = 0; i < times; i++) {
        DmaBuffer in = dma.map(SOURCE, from, bufferBytes, Direction.TO_DEVICE);
        DmaBuffer out = dma.map(TARGET, to, bufferBytes, Direction.FROM_DEVICE);
        dma.unmap(in);
        dma.unmap(out);
      }
    }

    private BounceDma bounces() {
      return new BounceDma(system.memory(), system.lowPages(), driver.description().addressBits());
    }

    private Measured remapped() throws DriverException, PciException, InterruptedException {
      long busy = busy(driver.dma());
      long nanos = move(driver.dma());
      return new Measured(Way.REMAPPED, bufferBytes, 2 * compare.bytes(), 0, nanos, busy);
    }

    private Measured bounced() throws DriverException, PciException, InterruptedException {
      long busy = busy(bounces());
      BounceDma dma = bounces();
      PassThroughDomain untranslated = system.remapping().domains().passThrough();
      driver.attach(untranslated);
      try {
        long nanos = move(dma);
        return new Measured(
            Way.BOUNCED, bufferBytes, 2 * compare.bytes(), dma.copiedBytes(), nanos, busy);
      } finally {
        driver.attachToOwn();
        untranslated.close();
      }
    }

    /// Maps and unmaps as for a transfer, without the device's part.
    ///
    /// @return nanoseconds of the processor that it took
    private long busy(DmaApi dma) throws DriverException {
      long before = THREADS.getCurrentThreadCpuTime();
      mapAndUnmap(dma, compare.bytes() / bufferBytes);
      return THREADS.getCurrentThreadCpuTime() - before;
    }

    /// @return how long it took
    private long move(DmaApi dma) throws DriverException, PciException, InterruptedException {
      target.fill((byte) 0);
      long start = System.nanoTime();
      for (long done = 0; done < compare.bytes(); done += bufferBytes) {
        DmaBuffer in = dma.map(SOURCE, from, bufferBytes, Direction.TO_DEVICE);
        DmaBuffer out = dma.map(TARGET, to, bufferBytes, Direction.FROM_DEVICE);
        through(in, out);
        dma.unmap(in);
        dma.unmap(out);
      }
      long nanos = System.nanoTime() - start;
      isEqual &= source.mismatch(target) < 0;
      return nanos;
    }

    private void through(DmaBuffer in, DmaBuffer out) throws PciException, InterruptedException {
      for (int at = 0; at < bufferBytes; at += EduDriver.MOST_BYTES) {
        isEqual &= engine.read(in.address() + at, EduDriver.MOST_BYTES);
        isEqual &= engine.write(out.address() + at, EduDriver.MOST_BYTES);
      }
    }
  }
}
