package dev.portcullis.vmm.engine.embedded;

import dev.portcullis.guest.port.GuestMachine;
import dev.portcullis.guest.port.InterruptController;
import dev.portcullis.guest.port.MachineCheckException;
import dev.portcullis.guest.port.Processor;
import dev.portcullis.machine.bus.PciBus;
import dev.portcullis.machine.bus.Window;
import dev.portcullis.pci.PciFunction;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.vmm.partition.ProcessorView;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.ReentrantLock;

/// The machine that the software of an embedded partition finds: the partition's memory, a PCI bus
/// with its functions, its interrupt controller.
///
/// Memory is reached without a lock. Accesses to configuration space and windows come one at a
/// time, as functions want them.
final class EmbeddedMachine implements GuestMachine, Processor {
  private static final long WINDOW_BASE = 0xc000_0000L;
  private static final long WINDOW_BYTES = 256 << 20;

  private final ProcessorView memory;
  private final long ramBytes;
  private final InterruptController interrupts;
  private final PciBus bus = new PciBus();
  private final ReentrantLock busLock = new ReentrantLock();

  EmbeddedMachine(ProcessorView memory, long ramBytes, InterruptController interrupts) {
    this.memory = memory;
    this.ramBytes = ramBytes;
    this.interrupts = interrupts;
  }

  /// Plugs a function in, where the partition is to see it.
  void plug(RequesterId at, PciFunction function) {
    busLock.lock();
    try {
      bus.add(at, function);
    } finally {
      busLock.unlock();
    }
  }

  /// Unplugs a function: its place reads as ones, its windows are gone.
  void unplug(RequesterId at) {
    busLock.lock();
    try {
      bus.remove(at);
    } finally {
      busLock.unlock();
    }
  }

  @Override
  public Processor processor() {
    return this;
  }

  @Override
  public InterruptController interrupts() {
    return interrupts;
  }

  @Override
  public long ramBytes() {
    return ramBytes;
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
      throw new MachineCheckException(gpa, "no %d bytes to read at %#x".formatted(bytes, gpa));
    }
  }

  @Override
  public void write(long gpa, MemorySegment from, long fromOffset, long bytes) {
    if (!memory.write(gpa, from, fromOffset, bytes)) {
      throw new MachineCheckException(gpa, "no %d bytes to write at %#x".formatted(bytes, gpa));
    }
  }

  @Override
  public long load(long gpa, int widthBytes) {
    requireAligned(gpa, widthBytes);
    if (memory.isMapped(gpa)) {
      return memory.load(gpa, widthBytes);
    }
    busLock.lock();
    try {
      Window window = find(gpa, widthBytes);
      return window.target().read(gpa - window.base(), widthBytes);
    } finally {
      busLock.unlock();
    }
  }

  @Override
  public void store(long gpa, int widthBytes, long value) {
    requireAligned(gpa, widthBytes);
    if (memory.isMapped(gpa)) {
      if (!memory.store(gpa, widthBytes, value)) {
        throw new MachineCheckException(gpa, "%#x is read-only".formatted(gpa));
      }
      return;
    }
    busLock.lock();
    try {
      Window window = find(gpa, widthBytes);
      window.target().write(gpa - window.base(), widthBytes, value);
    } finally {
      busLock.unlock();
    }
  }

  private static void requireAligned(long gpa, int widthBytes) {
    if (Integer.bitCount(widthBytes) != 1
        || widthBytes > Long.BYTES
        || (gpa & widthBytes - 1) != 0) {
      throw new MachineCheckException(gpa, "no access of %d at %#x".formatted(widthBytes, gpa));
    }
  }

  private Window find(long gpa, int widthBytes) {
    for (Window window : bus.windows()) {
      if (window.contains(gpa, widthBytes)) {
        return window;
      }
    }
    throw new MachineCheckException(gpa, "nothing is at %#x".formatted(gpa));
  }

  @Override
  public long readConfig(int function, int offset, int widthBytes) {
    busLock.lock();
    try {
      return bus.readConfig(function, offset, widthBytes) & -1L >>> 64 - 8 * widthBytes;
    } finally {
      busLock.unlock();
    }
  }

  @Override
  public void writeConfig(int function, int offset, int widthBytes, long value) {
    busLock.lock();
    try {
      bus.writeConfig(function, offset, widthBytes, value);
    } finally {
      busLock.unlock();
    }
  }
}
