package dev.portcullis.kit.queue;

import dev.portcullis.kit.Await;
import dev.portcullis.kit.memory.GuestMemory;
import dev.portcullis.kit.register.Command;
import dev.portcullis.kit.register.Offsets;
import dev.portcullis.kit.register.Registers;

/// The invalidation queue, from software's side.
///
/// @vtd 6.5.2 Queued Invalidation Interface
public final class InvalidationQueue {
  private static final int DONE = 0x600d;

  private final Registers registers;
  private final GuestMemory memory;
  private final long base;
  private final int sizeCode;
  private final long status;
  private int entryBytes = 16;
  private long tail;

  /// A queue of 2^`sizeCode` pages, not enabled.
  public InvalidationQueue(Registers registers, GuestMemory memory, int sizeCode) {
    this.registers = registers;
    this.memory = memory;
    this.sizeCode = sizeCode;
    this.base = memory.pages(1 << sizeCode);
    this.status = memory.page();
  }

  /// Bytes of the queue.
  public long sizeBytes() {
    return 4096L << sizeCode;
  }

  /// Address of its first descriptor.
  public long base() {
    return base;
  }

  /// Points the unit to the queue and turns it on, empty.
  public InvalidationQueue enable() {
    return enable(16, 0);
  }

  /// The same with descriptors of 256 bits.
  public InvalidationQueue enableWide() {
    return enable(32, 1 << 11);
  }

  private InvalidationQueue enable(int bytes, long width) {
    entryBytes = bytes;
    registers.write64(Offsets.IQT, 0);
    registers.write64(Offsets.IQA, base | width | sizeCode);
    tail = 0;
    registers.enable(Command.QIE);
    return this;
  }

  /// Turns the queue off.
  public void disable() {
    registers.disable(Command.QIE);
  }

  /// Offset of the next descriptor the unit takes.
  public long head() {
    return registers.read64(Offsets.IQH);
  }

  /// Offset after the last descriptor software gave.
  public long tail() {
    return tail;
  }

  /// Writes a descriptor at `offset` and does nothing else.
  public void put(long offset, Descriptor descriptor) {
    if (entryBytes == 32) {
      putUpper(offset, 0, 0);
    }
    memory.writeLong(base + offset + 8, descriptor.hi());
    memory.writeLong(base + offset, descriptor.lo());
  }

  /// Writes bits 191 to 128 and 255 to 192 of a wide descriptor.
  public void putUpper(long offset, long lo, long hi) {
    memory.writeLong(base + offset + 16, lo);
    memory.writeLong(base + offset + 24, hi);
  }

  /// Bytes of a descriptor.
  public int entryBytes() {
    return entryBytes;
  }

  /// Appends descriptors and moves the tail, once.
  public void submit(Descriptor... descriptors) {
    for (Descriptor descriptor : descriptors) {
      put(tail, descriptor);
      tail = (tail + entryBytes) % sizeBytes();
    }
    registers.write32(Offsets.IQT, tail);
  }

  /// Appends descriptors and a wait, and awaits that the unit wrote the wait's status.
  public void complete(Descriptor... descriptors) {
    memory.writeInt(status, 0);
    for (Descriptor descriptor : descriptors) {
      put(tail, descriptor);
      tail = (tail + entryBytes) % sizeBytes();
    }
    submit(Descriptor.waitStatus(status, DONE));
    Await.until("wait descriptor done", () -> memory.readInt(status) == DONE);
  }

  /// The error that stopped the queue (IQEI), or 0 if it is not stopped.
  public int error() {
    boolean stopped = (registers.read32(Offsets.FSTS) & 1 << 4) != 0;
    return stopped ? (int) registers.read64(Offsets.IQERCD) & 15 : 0;
  }

  /// Awaits that the unit stopped with an error.
  public int awaitError() {
    Await.until("queue error", () -> error() != 0);
    return error();
  }

  /// Awaits that the unit has taken every descriptor.
  public void awaitEmpty() {
    Await.until("queue empty", () -> head() == tail);
  }

  /// Lets a stopped queue go on.
  public void restart() {
    registers.write32(Offsets.FSTS, 1 << 4);
  }
}
