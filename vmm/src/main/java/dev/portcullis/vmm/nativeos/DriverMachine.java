package dev.portcullis.vmm.nativeos;

import dev.portcullis.guest.port.GuestMachine;
import dev.portcullis.guest.port.InterruptController;
import dev.portcullis.guest.port.MachineCheckException;
import dev.portcullis.guest.port.Processor;
import dev.portcullis.machine.bus.PciBus;
import dev.portcullis.machine.bus.Window;
import dev.portcullis.machine.chassis.HostMemory;
import dev.portcullis.pci.PciFunction;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.vmm.nativeos.dma.DmaBuffer;
import dev.portcullis.vmm.nativeos.dma.DmaLedger;
import dev.portcullis.vmm.nativeos.dma.RemappedDma;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// The machine as one driver sees it: its own function, its own interrupts, and the buffers it has
/// mapped, for the processor where its device finds them, too.
final class DriverMachine implements GuestMachine, Processor {
  private static final long WINDOWS = RemappedDma.END;
  private static final long WINDOW_BYTES = 8 << 20;
  private static final VarHandle BYTE = ValueLayout.JAVA_BYTE.varHandle();
  private static final VarHandle SHORT = wide(ValueLayout.JAVA_SHORT);
  private static final VarHandle INT = wide(ValueLayout.JAVA_INT);
  private static final VarHandle LONG = wide(ValueLayout.JAVA_LONG);

  private final HostMemory memory;
  private final DmaLedger buffers;
  private final InterruptController interrupts;
  private final long windowBase;
  private final PciBus bus = new PciBus();

  /// @param number of the driver, from 0 on: windows of different drivers lie in different places
  /// @param buffers what the driver has mapped
  DriverMachine(
      int number,
      HostMemory memory,
      DmaLedger buffers,
      InterruptController interrupts,
      RequesterId at,
      PciFunction function) {
    this.windowBase = WINDOWS + number * WINDOW_BYTES;
    this.memory = memory;
    this.buffers = buffers;
    this.interrupts = interrupts;
    bus.add(at, function);
  }

  private static VarHandle wide(ValueLayout layout) {
    return layout.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
  }

  @Override
  public Processor processor() {
    return this;
  }

  @Override
  public InterruptController interrupts() {
    return interrupts;
  }

  /// None but what it maps.
  @Override
  public long ramBytes() {
    return 0;
  }

  @Override
  public long windowBase() {
    return windowBase;
  }

  @Override
  public long windowBytes() {
    return WINDOW_BYTES;
  }

  @Override
  public void read(long address, MemorySegment to, long toOffset, long bytes) {
    MemorySegment.copy(at(address, bytes), 0, to, toOffset, bytes);
  }

  @Override
  public void write(long address, MemorySegment from, long fromOffset, long bytes) {
    MemorySegment.copy(from, fromOffset, at(address, bytes), 0, bytes);
  }

  private MemorySegment at(long address, long bytes) {
    DmaBuffer buffer =
        buffers
            .find(address, bytes)
            .orElseThrow(() ->
                new MachineCheckException(address, "nothing is mapped at %#x".formatted(address)));
    return memory.at(buffer.hpa() + address - buffer.address(), bytes);
  }

  @Override
  public long load(long address, int widthBytes) {
    if (address >= WINDOWS) {
      return loadWindow(address, widthBytes);
    }
    MemorySegment word = at(address, widthBytes);
    return switch (widthBytes) {
      case 1 -> (byte) BYTE.getVolatile(word, 0L) & 0xffL;
      case 2 -> (short) SHORT.getVolatile(word, 0L) & 0xffffL;
      case 4 -> (int) INT.getVolatile(word, 0L) & 0xffff_ffffL;
      default -> (long) LONG.getVolatile(word, 0L);
    };
  }

  @Override
  public void store(long address, int widthBytes, long value) {
    if (address >= WINDOWS) {
      storeWindow(address, widthBytes, value);
      return;
    }
    MemorySegment word = at(address, widthBytes);
    switch (widthBytes) {
      case 1 -> BYTE.setVolatile(word, 0L, (byte) value);
      case 2 -> SHORT.setVolatile(word, 0L, (short) value);
      case 4 -> INT.setVolatile(word, 0L, (int) value);
      default -> LONG.setVolatile(word, 0L, value);
    }
  }

  private synchronized long loadWindow(long address, int widthBytes) {
    Window window = find(address, widthBytes);
    return window.target().read(address - window.base(), widthBytes);
  }

  private synchronized void storeWindow(long address, int widthBytes, long value) {
    Window window = find(address, widthBytes);
    window.target().write(address - window.base(), widthBytes, value);
  }

  private Window find(long address, int widthBytes) {
    for (Window window : bus.windows()) {
      if (window.contains(address, widthBytes)) {
        return window;
      }
    }
    throw new MachineCheckException(address, "nothing is at %#x".formatted(address));
  }

  @Override
  public synchronized long readConfig(int function, int offset, int widthBytes) {
    return bus.readConfig(function, offset, widthBytes) & -1L >>> 64 - 8 * widthBytes;
  }

  @Override
  public synchronized void writeConfig(int function, int offset, int widthBytes, long value) {
    bus.writeConfig(function, offset, widthBytes, value);
  }
}
