package dev.portcullis.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.devices.dma.DmaEngine;
import dev.portcullis.driver.DriverOptions;
import dev.portcullis.driver.RemappingDriver;
import dev.portcullis.driver.device.Device;
import dev.portcullis.driver.device.DeviceFeatures;
import dev.portcullis.driver.device.DeviceFeatures.PageRequests;
import dev.portcullis.driver.dmaengine.DmaEngineDriver;
import dev.portcullis.driver.dmaengine.DmaEngineDriver.Channel;
import dev.portcullis.driver.dmaengine.DmaEngineDriver.Result;
import dev.portcullis.driver.domain.DeviceTlb;
import dev.portcullis.driver.domain.PagingDomain;
import dev.portcullis.driver.domain.PagingDomain.Snoop;
import dev.portcullis.driver.pagerequest.PageRequestHandler.Answer;
import dev.portcullis.driver.port.DriverException;
import dev.portcullis.driver.port.MappedTableMemory;
import dev.portcullis.driver.port.PagePool;
import dev.portcullis.driver.port.Patience;
import dev.portcullis.driver.port.Platform;
import dev.portcullis.driver.table.Rights;
import dev.portcullis.kit.driver.UnitRegisters;
import dev.portcullis.kit.random.Seed;
import dev.portcullis.machine.wiring.RootComplex;
import dev.portcullis.memory.Fetched;
import dev.portcullis.memory.MappedRegion;
import dev.portcullis.memory.MemoryMap;
import dev.portcullis.memory.MemoryRegion.Access;
import dev.portcullis.pci.IntxLine;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.spec.descriptor.PageRequestDescriptor;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.unit.RemappingUnit;
import dev.portcullis.unit.UnitConfiguration;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/// Programs whose memory is paged in when a DMA engine asks for it, and paged out under its hands:
/// what the engine does to it is what it would do to plain arrays.
///
/// Unit and tables are the driver's work, page requests its service's.
class DemandPagingPropertyTest {
  private static final int PROGRAMS = 2;
  private static final int PAGES = 12;
  private static final int STEPS = 200;
  private static final long PAUSE_NANOS = 20_000;
  private static final long PAGE = 4096;
  private static final long START = 0x1234_5000_0000L;
  private static final long RING = 0x7777_0000_0000L;
  private static final long MEMORY_BYTES = 8 << 20;
  private static final long TABLES = 1 << 20;
  private static final int TABLE_PAGES = 512;
  private static final long FRAMES = 4 << 20;
  private static final RequesterId PLACE = new RequesterId(0, 5, 0);

  /// Frames for all programs together: fewer than they have pages.
  private static final int FRAME_COUNT = PROGRAMS * PAGES / 2;

  private final MemorySegment ram = Arena.ofAuto().allocate(MEMORY_BYTES, PAGE);
  private final MemoryMap memory = new MemoryMap();
  private final ArrayDeque<Long> frames = new ArrayDeque<>();
  private final List<Program> programs = new ArrayList<>();
  private final AtomicReference<Throwable> broken = new AtomicReference<>();
  private final Semaphore shortages = new Semaphore(0);
  private volatile boolean stop;

  /// A program: pages in frames or in the store, and what they should hold.
  private final class Program {
    final PagingDomain domain;
    final long[] frameOf = new long[PAGES];
    final byte[][] store = new byte[PAGES][(int) PAGE];
    final byte[] expected = new byte[(int) (PAGES * PAGE)];
    Channel channel;

    Program(PagingDomain domain) {
      this.domain = domain;
    }

    /// Brings the page of `iova` in, at another's expense if need be.
    Answer bringIn(long iova) throws DriverException {
      int page = (int) (iova - START >>> 12);
      if (page < 0 || page >= PAGES) {
        return Answer.INVALID_REQUEST;
      }
      if (frameOf[page] == 0) {
        long frame = takeFrame();
        MemorySegment.copy(store[page], 0, ram, ValueLayout.JAVA_BYTE, frame, (int) PAGE);
        domain.map(START + page * PAGE, frame, PAGE, Rights.READ_WRITE);
        frameOf[page] = frame;
      }
      return Answer.SUCCESS;
    }

    /// Puts a page away; the engine may be at work on it until the driver says that it is not.
    void putAway(int page) throws DriverException {
      long frame = frameOf[page];
      if (frame != 0) {
        domain.unmap(START + page * PAGE, PAGE);
        MemorySegment.copy(ram, ValueLayout.JAVA_BYTE, frame, store[page], 0, (int) PAGE);
        ram.asSlice(frame, PAGE).fill((byte) 0xee);
        frameOf[page] = 0;
        frames.add(frame);
      }
    }

    byte[] contents() {
      byte[] all = new byte[expected.length];
      for (int page = 0; page < PAGES; page++) {
        MemorySegment from =
            frameOf[page] == 0
                ? MemorySegment.ofArray(store[page])
                : ram.asSlice(frameOf[page], PAGE);
        MemorySegment.copy(from, 0, MemorySegment.ofArray(all), page * PAGE, PAGE);
      }
      return all;
    }
  }

  private long takeFrame() throws DriverException {
    for (Program program : programs) {
      for (int page = 0; page < PAGES && frames.isEmpty(); page++) {
        program.putAway(page);
      }
    }
    return frames.remove();
  }

  private Answer answer(PageRequestDescriptor request) throws DriverException {
    shortages.release();
    synchronized (programs) {
      return programs.get(request.pasid() - 1).bringIn(request.address());
    }
  }

  @Test
  void whatTheEngineDoesIsWhatItWouldDoToArrays() throws Exception {
    memory.add(new MappedRegion(0, ram, Access.READ_WRITE));
    RemappingUnit unit =
        new RemappingUnit(
            UnitConfiguration.Preset.SCALABLE
                .builder()
                .with(Feature.STOP_MARKERS)
                .deviceTlbTimeLimit(Duration.ofMinutes(1))
                .build(),
            memory,
            (address, data) -> {});
    try (DmaEngine engine = new DmaEngine(PROGRAMS)) {
      plug(engine, unit);
      RemappingDriver driver = start(unit);
      setUp(engine, driver);
      Seed seed = Seed.ofThisRun();
      Thread service = run(() -> driver.pageRequests().orElseThrow().serve());
      SplittableRandom evictions = seed.random(1);
      Thread evictor = run(() -> putSomethingAway(evictions));
      try {
        for (int step = 0; step < STEPS; step++) {
          step(seed.random(step + 2), seed);
        }
      } finally {
        stop = true;
        evictor.join();
        service.join();
      }
      assertThat(broken.get()).isNull();
      for (Program program : programs) {
        assertThat(Arrays.mismatch(program.contents(), program.expected))
            .as("%s", seed)
            .isEqualTo(-1);
      }
      assertThat(unit.statistics().ats().pageRequests()).isGreaterThan(STEPS / 4);
      assertThat(unit.statistics().ats().timeOuts()).isZero();
    }
  }

  private void plug(DmaEngine engine, RemappingUnit unit) {
    RootComplex complex = new RootComplex();
    complex.cover(PLACE, unit);
    complex.plug(PLACE, engine);
    engine.connect(complex.portOf(PLACE, memory, (address, data) -> {}), IntxLine.unconnected());
    engine.writeConfig(4, 2, 6);
  }

  private RemappingDriver start(RemappingUnit unit) throws DriverException {
    Platform platform =
        new Platform(
            new UnitRegisters(unit),
            new MappedTableMemory(memory),
            new PagePool(TABLES, TABLE_PAGES),
            46,
            Patience.ofSeconds(60));
    return RemappingDriver.start(platform, DriverOptions.DEFAULT.answering(this::answer));
  }

  /// Attaches the engine to a domain of each program, and lets a channel work in each.
  private void setUp(DmaEngine engine, RemappingDriver driver) throws DriverException {
    Device device =
        driver.device(
            PLACE.id(),
            new DeviceFeatures(Optional.of(new DeviceTlb(PLACE.id(), 32)), 8, PageRequests.ON));
    DmaEngineDriver channels = new DmaEngineDriver(engine, words());
    for (int i = 0; i < FRAME_COUNT; i++) {
      frames.add(FRAMES + i * PAGE);
    }
    for (int i = 0; i < PROGRAMS; i++) {
      Program program = new Program(driver.domains().firstStage(4, Snoop.AS_REQUESTED));
      programs.add(program);
      device.attach(i + 1, program.domain);
      long ring = FRAMES + (FRAME_COUNT + i) * PAGE;
      program.domain.map(RING, ring, PAGE, Rights.READ_WRITE);
      program.channel = channels.channel(i, i + 1, RING, ring);
    }
  }

  private DmaEngineDriver.Words words() {
    return new DmaEngineDriver.Words() {
      private final Fetched fetched = new Fetched();

      @Override
      public long read(long hpa) {
        memory.fetch64(hpa, fetched);
        return fetched.lo;
      }

      @Override
      public void write(long hpa, long value) {
        memory.store64(hpa, value);
      }
    };
  }

  private interface Work {
    void once() throws DriverException;
  }

  private Thread run(Work work) {
    return Thread.ofPlatform()
        .daemon()
        .start(() -> {
          try {
            while (!stop && broken.get() == null) {
              work.once();
              LockSupport.parkNanos(PAUSE_NANOS);
            }
          } catch (DriverException | RuntimeException | AssertionError e) {
            broken.set(e);
          }
        });
  }

  /// Memory is short, but not so short that no page stays until it is used.
  private void putSomethingAway(SplittableRandom random) throws DriverException {
    if (!shortages.tryAcquire()) {
      return;
    }
    synchronized (programs) {
      programs.get(random.nextInt(PROGRAMS)).putAway(random.nextInt(PAGES));
    }
  }

  /// One descriptor in each program, at the same time.
  private void step(SplittableRandom random, Seed seed) {
    int[] pending = new int[PROGRAMS];
    Runnable[] effects = new Runnable[PROGRAMS];
    shortages.release(PROGRAMS);
    for (int i = 0; i < PROGRAMS; i++) {
      Program program = programs.get(i);
      int length = 1 + random.nextInt((int) (3 * PAGE));
      int to = random.nextInt(program.expected.length - length + 1);
      int from = random.nextInt(program.expected.length - length + 1);
      boolean apart = from + length <= to || to + length <= from;
      if (apart && random.nextBoolean()) {
        pending[i] = program.channel.copy(START + from, START + to, length);
        effects[i] = () -> System.arraycopy(program.expected, from, program.expected, to, length);
      } else {
        long pattern = random.nextLong();
        pending[i] = program.channel.fill(START + to, length, pattern);
        effects[i] = () -> fill(program.expected, to, length, pattern);
      }
    }
    for (int i = 0; i < PROGRAMS; i++) {
      Result result = programs.get(i).channel.result(pending[i]);
      assertThat(broken.get()).isNull();
      assertThat(result.status()).as("%s", seed).isEqualTo(Result.SUCCESS);
      effects[i].run();
    }
  }

  private static void fill(byte[] bytes, int to, int length, long pattern) {
    for (int i = 0; i < length; i++) {
      bytes[to + i] = (byte) (pattern >>> 8 * (i & 7));
    }
  }
}
