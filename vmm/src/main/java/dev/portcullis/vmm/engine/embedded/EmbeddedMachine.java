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
  private final Power power;
  private final PciBus bus = new PciBus();
  private final ReentrantLock busLock = new ReentrantLock();

  EmbeddedMachine(
      ProcessorView memory, long ramBytes, InterruptController interrupts, Power power) {
    this.memory = memory;
    this.ramBytes = ramBytes;
    this.interrupts = interrupts;
    this.power = power;
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
    int ticket = power.enter();
    boolean read;
    try {
      read = memory.read(gpa, to, toOffset, bytes);
    } finally {
      power.exit(ticket);
    }
    if (!read) {
      throw new MachineCheckException(gpa, "no %d bytes to read at %#x".formatted(bytes, gpa));
    }
  }

  @Override
  public void write(long gpa, MemorySegment from, long fromOffset, long bytes) {
    int ticket = power.enter();
    boolean written;
    try {
      written = memory.write(gpa, from, fromOffset, bytes);
    } finally {
      power.exit(ticket);
    }
    if (!written) {
      throw new MachineCheckException(gpa, "no %d bytes to write at %#x".formatted(bytes, gpa));
    }
  }

  @Override
  public long load(long gpa, int widthBytes) {
    requireAligned(gpa, widthBytes);
    int ticket = power.enter();
    try {
      return memory.isMapped(gpa) ? memory.load(gpa, widthBytes) : loadWindow(gpa, widthBytes);
    } finally {
      power.exit(ticket);
    }
  }

  private long loadWindow(long gpa, int widthBytes) {
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
    int ticket = power.enter();
    try {
      if (!memory.isMapped(gpa)) {
        storeWindow(gpa, widthBytes, value);
      } else if (!memory.store(gpa, widthBytes, value)) {
        throw new MachineCheckException(gpa, "%#x is read-only".formatted(gpa));
      }
    } finally {
      power.exit(ticket);
    }
  }

  private void storeWindow(long gpa, int widthBytes, long value) {
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
    int ticket = power.enter();
    busLock.lock();
    try {
      return bus.readConfig(function, offset, widthBytes) & -1L >>> 64 - 8 * widthBytes;
    } finally {
      busLock.unlock();
      power.exit(ticket);
    }
  }

  @Override
  public void writeConfig(int function, int offset, int widthBytes, long value) {
    int ticket = power.enter();
    busLock.lock();
    try {
      bus.writeConfig(function, offset, widthBytes, value);
    } finally {
      busLock.unlock();
      power.exit(ticket);
    }
  }
}
