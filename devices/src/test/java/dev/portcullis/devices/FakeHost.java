package dev.portcullis.devices;

import static org.assertj.core.api.Assertions.fail;

import dev.portcullis.memory.MappedRegion;
import dev.portcullis.memory.MemoryMap;
import dev.portcullis.memory.MemoryRegion;
import dev.portcullis.pci.Completion;
import dev.portcullis.pci.IntxLine;
import dev.portcullis.pci.PciFunction;
import dev.portcullis.pci.UpstreamPort;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.LongPredicate;

/// What a function under test is plugged into: some memory from address 0 on, nothing above it, and
/// a notebook for messages and the pin.
///
/// `brokenAt` is a page whose accesses end with Completer Abort.
public final class FakeHost implements UpstreamPort {
  public static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  public static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(20);

  private final MemorySegment ram;
  private final MemoryMap memory = new MemoryMap();
  private final Queue<Integer> messages = new ConcurrentLinkedQueue<>();
  private final AtomicInteger underWay = new AtomicInteger();
  private final AtomicInteger holding = new AtomicInteger();
  private volatile IntxLine.Level pin = IntxLine.Level.DEASSERTED;
  private volatile long brokenAt = -1;
  private volatile LongPredicate held = iova -> false;

  public FakeHost(long sizeBytes) {
    ram = Arena.ofAuto().allocate(sizeBytes, 4096);
    memory.add(new MappedRegion(0, ram, MemoryRegion.Access.READ_WRITE));
  }

  /// Plugs `function` in and makes it a bus master.
  public <F extends PciFunction> F plug(F function) {
    function.connect(this, level -> pin = level);
    function.writeConfig(4, 2, 6);
    return function;
  }

  /// The host's memory, address 0 first.
  public MemorySegment ram() {
    return ram;
  }

  public void breakPage(long iova) {
    brokenAt = iova;
  }

  /// Holds every request that comes until [#release()].
  public void hold() {
    held = iova -> true;
  }

  /// Holds the requests that start at this address until [#release()].
  public void holdAt(long address) {
    held = iova -> iova == address;
  }

  /// Whether a request is being held.
  public boolean isHolding() {
    return holding.get() > 0;
  }

  public void release() {
    held = iova -> false;
  }

  /// Requests that have begun and not ended.
  public int underWay() {
    return underWay.get();
  }

  public IntxLine.Level pin() {
    return pin;
  }

  /// Data of the oldest message not yet taken, or `null`.
  public Integer takeMessage() {
    return messages.poll();
  }

  /// Data of the messages not yet taken, oldest first.
  public List<Integer> messages() {
    return List.copyOf(messages);
  }

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
  public Completion read(long iova, MemorySegment to, long toOffset, long lengthBytes) {
    return during(iova, lengthBytes, () -> memory.read(iova, to, toOffset, lengthBytes));
  }

  @Override
  public Completion write(long iova, MemorySegment from, long fromOffset, long lengthBytes) {
    return during(iova, lengthBytes, () -> memory.write(iova, from, fromOffset, lengthBytes));
  }

  private Completion during(long iova, long lengthBytes, BooleanSupplier access) {
    underWay.incrementAndGet();
    try {
      waitWhileHeld(iova);
      if (brokenAt >= iova && brokenAt < iova + lengthBytes) {
        return Completion.COMPLETER_ABORT;
      }
      return access.getAsBoolean() ? Completion.SUCCESS : Completion.UNSUPPORTED_REQUEST;
    } finally {
      underWay.decrementAndGet();
    }
  }

  private void waitWhileHeld(long iova) {
    if (held.test(iova)) {
      holding.incrementAndGet();
      while (held.test(iova)) {
        LockSupport.parkNanos(20_000);
      }
      holding.decrementAndGet();
    }
  }

  @Override
  public Completion zeroLengthRead(long iova) {
    return Completion.SUCCESS;
  }

  @Override
  public Completion message(long address, int data) {
    messages.add(data);
    return Completion.SUCCESS;
  }
}
