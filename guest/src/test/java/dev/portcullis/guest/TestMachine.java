package dev.portcullis.guest;

import static org.assertj.core.api.Assertions.fail;

import dev.portcullis.guest.port.GuestMachine;
import dev.portcullis.guest.port.InterruptController;
import dev.portcullis.guest.port.InterruptVector;
import dev.portcullis.guest.port.MachineCheckException;
import dev.portcullis.guest.port.Processor;
import dev.portcullis.memory.MappedRegion;
import dev.portcullis.memory.MemoryMap;
import dev.portcullis.memory.MemoryRegion.Access;
import dev.portcullis.pci.Bar;
import dev.portcullis.pci.Completion;
import dev.portcullis.pci.IntxLine;
import dev.portcullis.pci.PciFunction;
import dev.portcullis.pci.UpstreamPort;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.LongPredicate;

/// A machine without a remapping unit: memory from address 0 on, a bus, and a thread that runs
/// interrupt handlers. DMA and messages can be refused; what handlers throw is kept.
public final class TestMachine
    implements GuestMachine, Processor, InterruptController, AutoCloseable {
  public static final int RAM_BYTES = 32 << 20;
  public static final long WINDOW_BASE = 0xc000_0000L;
  public static final long WINDOW_BYTES = 256 << 20;

  private static final long MESSAGE_ADDRESS = 0xfee0_0000L;
  private static final int FIRST_VECTOR = 0x20;
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(20);
  private static final VarHandle BYTE = ValueLayout.JAVA_BYTE.varHandle();
  private static final VarHandle SHORT =
      ValueLayout.JAVA_SHORT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
  private static final VarHandle INT =
      ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
  private static final VarHandle LONG =
      ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();

  private final MemorySegment ram = Arena.ofAuto().allocate(RAM_BYTES, 4096);
  private final MemoryMap memory = new MemoryMap();
  private final Map<Integer, PciFunction> functions = new TreeMap<>();
  private final Map<Integer, Runnable> handlers = new ConcurrentHashMap<>();
  private final Deque<Integer> pending = new ArrayDeque<>();
  private final Queue<Throwable> thrown = new ConcurrentLinkedQueue<>();
  private final LongAdder windowAccesses = new LongAdder();
  private final Thread thread;
  private volatile LongPredicate refused = gpa -> false;
  private volatile boolean deaf;
  private int nextVector = FIRST_VECTOR;
  private boolean closed;

  /// With nothing on its bus.
  public TestMachine() {
    memory.add(new MappedRegion(0, ram, Access.READ_WRITE));
    thread = Thread.ofPlatform().daemon().name("interrupts").start(this::runHandlers);
  }

  /// Plugs `function` in.
  ///
  /// @param at device in bits 7 to 3, function in 2 to 0
  public <F extends PciFunction> F plug(int at, F function) {
    synchronized (functions) {
      function.connect(new Port(), IntxLine.unconnected());
      functions.put(at, function);
    }
    return function;
  }

  /// Pulls a function out.
  public void unplug(int at) {
    synchronized (functions) {
      functions.remove(at).close();
    }
  }

  /// Refuses DMA to and from these pages, by their first address; lets all else through.
  public void refuse(LongPredicate pages) {
    refused = pages;
  }

  /// Refuses interrupt messages from now on, or no longer.
  public void loseMessages(boolean lost) {
    deaf = lost;
  }

  /// What handlers have thrown: nothing, if drivers are as they should be.
  public Queue<Throwable> thrown() {
    return thrown;
  }

  /// How often the processor has reached for a window.
  public long windowAccesses() {
    return windowAccesses.sum();
  }

  /// How many vectors are given out.
  public int vectorsInUse() {
    return handlers.size();
  }

  /// Waits for something to come true.
  public static void await(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - deadline > 0) {
        fail("gave up waiting: " + what);
      }
      LockSupport.parkNanos(20_000);
    }
  }

  @Override
  public Processor processor() {
    return this;
  }

  @Override
  public InterruptController interrupts() {
    return this;
  }

  @Override
  public long ramBytes() {
    return RAM_BYTES;
  }

  @Override
  public long windowBase() {
    return WINDOW_BASE;
  }

  @Override
  public long windowBytes() {
    return WINDOW_BYTES;
  }

  @Override
  public void read(long gpa, MemorySegment to, long toOffset, long bytes) {
    if (!memory.read(gpa, to, toOffset, bytes)) {
      throw new MachineCheckException(gpa, "nothing to read");
    }
  }

  @Override
  public void write(long gpa, MemorySegment from, long fromOffset, long bytes) {
    if (!memory.write(gpa, from, fromOffset, bytes)) {
      throw new MachineCheckException(gpa, "nothing to write");
    }
  }

  private static void requireAligned(long gpa, int widthBytes) {
    if ((gpa & widthBytes - 1) != 0) {
      throw new MachineCheckException(gpa, "not aligned");
    }
  }

  @Override
  public long load(long gpa, int widthBytes) {
    requireAligned(gpa, widthBytes);
    if (gpa >= 0 && gpa < RAM_BYTES) {
      return switch (widthBytes) {
        case 1 -> (byte) BYTE.getAcquire(ram, gpa) & 0xff;
        case 2 -> (short) SHORT.getAcquire(ram, gpa) & 0xffff;
        case 4 -> (int) INT.getAcquire(ram, gpa) & 0xffff_ffffL;
        default -> (long) LONG.getAcquire(ram, gpa);
      };
    }
    windowAccesses.increment();
    synchronized (functions) {
      Place place = find(gpa);
      return place.function.readBar(place.bar.index(), gpa - place.base, widthBytes)
          & -1L >>> 64 - 8 * widthBytes;
    }
  }

  @Override
  public void store(long gpa, int widthBytes, long value) {
    requireAligned(gpa, widthBytes);
    if (gpa >= 0 && gpa < RAM_BYTES) {
      switch (widthBytes) {
        case 1 -> BYTE.setRelease(ram, gpa, (byte) value);
        case 2 -> SHORT.setRelease(ram, gpa, (short) value);
        case 4 -> INT.setRelease(ram, gpa, (int) value);
        default -> LONG.setRelease(ram, gpa, value);
      }
      return;
    }
    windowAccesses.increment();
    synchronized (functions) {
      Place place = find(gpa);
      place.function.writeBar(place.bar.index(), gpa - place.base, widthBytes, value);
    }
  }

  private record Place(PciFunction function, Bar bar, long base) {}

  private Place find(long gpa) {
    for (PciFunction function : functions.values()) {
      for (Bar bar : function.bars()) {
        long base = function.addressOf(bar);
        if (function.decodesMemory() && gpa >= base && gpa < base + bar.sizeBytes()) {
          return new Place(function, bar, base);
        }
      }
    }
    throw new MachineCheckException(gpa, "nothing is there");
  }

  @Override
  public long readConfig(int function, int offset, int widthBytes) {
    synchronized (functions) {
      PciFunction found = functions.get(function);
      long value = found == null ? -1 : found.readConfig(offset, widthBytes);
      return value & -1L >>> 64 - 8 * widthBytes;
    }
  }

  @Override
  public void writeConfig(int function, int offset, int widthBytes, long value) {
    synchronized (functions) {
      PciFunction found = functions.get(function);
      if (found != null) {
        found.writeConfig(offset, widthBytes, value);
      }
    }
  }

  @Override
  public synchronized InterruptVector connect(Runnable handler) {
    int vector = nextVector++;
    handlers.put(vector, handler);
    return new InterruptVector() {
      @Override
      public long address() {
        return MESSAGE_ADDRESS;
      }

      @Override
      public int data() {
        return vector;
      }

      @Override
      public void close() {
        handlers.remove(vector);
      }
    };
  }

  private void raise(int vector) {
    synchronized (pending) {
      if (!pending.contains(vector)) {
        pending.add(vector);
        pending.notifyAll();
      }
    }
  }

  private void runHandlers() {
    while (true) {
      Runnable handler;
      synchronized (pending) {
        while (pending.isEmpty() && !closed) {
          try {
            pending.wait();
          } catch (InterruptedException e) {
            thrown.add(e);
          }
        }
        if (closed) {
          return;
        }
        handler = handlers.get(pending.poll());
      }
      try {
        if (handler != null) {
          handler.run();
        }
      } catch (RuntimeException | Error e) {
        thrown.add(e);
      }
    }
  }

  /// A function's way to memory and to the interrupt thread.
  private final class Port implements UpstreamPort {
    private boolean isRefused(long iova, long lengthBytes) {
      for (long page = iova & -4096; page < iova + lengthBytes; page += 4096) {
        if (refused.test(page)) {
          return true;
        }
      }
      return false;
    }

    @Override
    public Completion read(long iova, MemorySegment to, long toOffset, long lengthBytes) {
      return !isRefused(iova, lengthBytes) && memory.read(iova, to, toOffset, lengthBytes)
          ? Completion.SUCCESS
          : Completion.UNSUPPORTED_REQUEST;
    }

    @Override
    public Completion write(long iova, MemorySegment from, long fromOffset, long lengthBytes) {
      return !isRefused(iova, lengthBytes) && memory.write(iova, from, fromOffset, lengthBytes)
          ? Completion.SUCCESS
          : Completion.UNSUPPORTED_REQUEST;
    }

    @Override
    public Completion zeroLengthRead(long iova) {
      return Completion.SUCCESS;
    }

    @Override
    public Completion message(long address, int data) {
      if (deaf || address != MESSAGE_ADDRESS) {
        return Completion.UNSUPPORTED_REQUEST;
      }
      raise(data);
      return Completion.SUCCESS;
    }
  }

  /// Ends the thread, and the functions.
  @Override
  public void close() {
    synchronized (pending) {
      closed = true;
      pending.notifyAll();
    }
    synchronized (functions) {
      functions.values().forEach(PciFunction::close);
    }
  }
}
