package dev.portcullis.driver.interrupt;

import dev.portcullis.driver.port.DriverException;
import dev.portcullis.driver.port.PageAllocator;
import dev.portcullis.driver.port.Platform;
import dev.portcullis.driver.port.TableMemory;
import dev.portcullis.spec.interrupt.PostedInterruptDescriptor;
import java.util.BitSet;
import java.util.function.LongUnaryOperator;

/// A posted-interrupt descriptor: the unit sets bits in it, software takes them.
///
/// @vtd 9.12 Posted Interrupt Descriptor (PID)
public final class PostedInterrupts {
  private static final int REQUEST_WORDS = 4;

  private final TableMemory memory;
  private final PageAllocator pages;
  private final long address;

  PostedInterrupts(Platform platform, int vector, int destinationField) throws DriverException {
    this.memory = platform.memory();
    this.pages = platform.pages();
    this.address = pages.allocate(1);
    memory.fill(address, PageAllocator.PAGE_BYTES, (byte) 0);
    memory.writeLong(control(), PostedInterruptDescriptor.of(vector, destinationField).control());
  }

  /// Host physical address, 64-byte aligned.
  public long address() {
    return address;
  }

  /// Whether an entry that posts here differs from one that remaps in its low half alone, and so
  /// can take its place, or leave it, in one access of 64 bits.
  public boolean isInLowHalf() {
    return address >>> Integer.SIZE == 0;
  }

  private long control() {
    return address + PostedInterruptDescriptor.CONTROL_OFFSET;
  }

  /// Takes the vectors posted since the last call. Software is told of the next one.
  public BitSet take() throws DriverException {
    // In this order, so that nothing posted in between goes untold.
    change(control(), word -> word & ~PostedInterruptDescriptor.ON.mask());
    long[] requests = new long[REQUEST_WORDS];
    for (int i = 0; i < REQUEST_WORDS; i++) {
      requests[i] = change(address + 8L * i, word -> 0);
    }
    return BitSet.valueOf(requests);
  }

  /// Is not told of interrupts from now on, urgent ones aside; they are posted all the same.
  public void suppress() throws DriverException {
    change(control(), word -> word | PostedInterruptDescriptor.SN.mask());
  }

  /// Is told again.
  public void resume() throws DriverException {
    change(control(), word -> word & ~PostedInterruptDescriptor.SN.mask());
  }

  private long change(long hpa, LongUnaryOperator to) throws DriverException {
    long word = memory.readLong(hpa);
    while (!memory.compareAndSet(hpa, word, to.applyAsLong(word))) {
      word = memory.readLong(hpa);
    }
    return word;
  }

  /// Gives the descriptor back; no entry names it any more.
  public void close() {
    pages.free(address, 1);
  }
}
