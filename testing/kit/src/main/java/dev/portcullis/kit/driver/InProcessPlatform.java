package dev.portcullis.kit.driver;

import dev.portcullis.driver.port.MappedTableMemory;
import dev.portcullis.driver.port.PagePool;
import dev.portcullis.driver.port.Patience;
import dev.portcullis.driver.port.Platform;
import dev.portcullis.driver.port.TableMemory;
import dev.portcullis.kit.Clock;
import dev.portcullis.kit.ats.Functions;
import dev.portcullis.kit.fault.Messages;
import dev.portcullis.memory.MappedRegion;
import dev.portcullis.memory.MemoryMap;
import dev.portcullis.memory.MemoryRegion.Access;
import dev.portcullis.unit.RemappingUnit;
import dev.portcullis.unit.UnitConfiguration;
import dev.portcullis.unit.request.Request;
import java.lang.foreign.Arena;
import java.util.function.UnaryOperator;

/// Our unit in this process, and 16 MiB of memory.
public final class InProcessPlatform implements DrivenPlatform {
  /// Length of memory, from 0 on.
  public static final long MEMORY_BYTES = 16 << 20;

  private static final long PAGE = 4096;
  private static final long TABLES = 1 << 20;
  private static final int TABLE_PAGES = 1024;
  private static final long BLOCKS = 6 << 20;
  private static final long TICK_NANOS = 1_000_000;
  private static final long PATIENCE_NANOS = 1_000_000_000_000L;

  private final Arena arena = Arena.ofAuto();
  private final MemoryMap memory = new MemoryMap();
  private final RemappingUnit unit;
  private final PagePool pages = new PagePool(TABLES, TABLE_PAGES);
  private final Platform platform;
  private final Clock clock = new Clock();
  private final Functions functions = new Functions();
  private final Messages messages = new Messages();
  private long nextBlock = BLOCKS;
  private long waitedNanos;

  /// A unit after power-on.
  public InProcessPlatform(UnitConfiguration configuration) {
    this(configuration, memory -> memory);
  }

  /// A unit after power-on.
  ///
  /// @param seen makes what the driver sees of memory from memory itself
  public InProcessPlatform(UnitConfiguration configuration, UnaryOperator<TableMemory> seen) {
    memory.add(new MappedRegion(0, arena.allocate(MEMORY_BYTES, PAGE), Access.READ_WRITE));
    this.unit = new RemappingUnit(configuration, memory, messages, clock);
    unit.connect(functions);
    this.platform =
        new Platform(
            new UnitRegisters(unit),
            seen.apply(new MappedTableMemory(memory)),
            pages,
            configuration.capabilities().hostAddressBits(),
            new Patience(PATIENCE_NANOS, this::letTimePass));
  }

  /// Time passes only while the driver waits.
  private long letTimePass() {
    clock.advance(TICK_NANOS);
    waitedNanos += TICK_NANOS;
    return waitedNanos;
  }

  @Override
  public Platform platform() {
    return platform;
  }

  @Override
  public long block(long bytes) {
    long block = nextBlock + bytes - 1 & -bytes;
    nextBlock = block + bytes;
    if (nextBlock > MEMORY_BYTES) {
      throw new IllegalStateException("no memory is left");
    }
    return block;
  }

  @Override
  public Reach write(int sourceId, int prefix, long iova, long hpa) {
    return request(sourceId, prefix, iova, hpa, Request.WRITE);
  }

  @Override
  public Reach read(int sourceId, int prefix, long iova, long hpa) {
    return request(sourceId, prefix, iova, hpa, Request.READ);
  }

  private Reach request(int sourceId, int prefix, long iova, long hpa, Request request) {
    int ticket = unit.inFlight().enter(1);
    try {
      long went = unit.translate(sourceId, prefix, iova, request);
      if (went < 0) {
        return Reach.BLOCKED;
      }
      return went == hpa ? Reach.THERE : Reach.ELSEWHERE;
    } finally {
      unit.inFlight().exit(ticket, 1);
    }
  }

  public RemappingUnit unit() {
    return unit;
  }

  public MemoryMap memory() {
    return memory;
  }

  /// What the unit tells devices.
  public Functions functions() {
    return functions;
  }

  /// Interrupts of the unit's own.
  public Messages messages() {
    return messages;
  }

  /// Where the pool of pages for tables begins.
  public static long tables() {
    return TABLES;
  }

  /// Pages that the driver has taken and not given back.
  public int pagesTaken() {
    return pages.taken();
  }
}
