package dev.portcullis.devices.dma;

import dev.portcullis.devices.atc.Wanted;
import dev.portcullis.pci.AtomicOperation;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// Carries out one descriptor after the other. Belongs to one thread.
final class Job {
  private static final int PAGE_BYTES = 4096;
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final AddressSpace space;
  private final MemorySegment buffer = Arena.ofAuto().allocate(PAGE_BYTES, 64);
  private long doneBytes;
  private long previous;

  Job(AddressSpace space) {
    this.space = space;
  }

  /// Bytes of the last descriptor that reached their destination.
  long doneBytes() {
    return doneBytes;
  }

  /// What the word of the last atomic operation held before.
  long previous() {
    return previous;
  }

  Status execute(Descriptor descriptor) {
    doneBytes = 0;
    previous = 0;
    if (descriptor.isBad()) {
      return Status.BAD_DESCRIPTOR;
    }
    space.begin(!descriptor.has(Descriptor.ASK_FOR_NO_PAGE));
    return switch (descriptor.opcode()) {
      case NOTHING -> Status.SUCCESS;
      case COPY -> copy(descriptor);
      case FILL -> fill(descriptor);
      case FETCH_ADD, SWAP, COMPARE_SWAP -> atomic(descriptor);
    };
  }

  /// In pieces, from the first byte on, that cross no page on either side.
  private Status copy(Descriptor d) {
    while (doneBytes < d.lengthBytes()) {
      if (space.isStopping()) {
        return Status.STOPPED;
      }
      long from = d.source() + doneBytes;
      long to = d.destination() + doneBytes;
      long left = d.lengthBytes() - doneBytes;
      long step = Math.min(left, Math.min(leftInPage(from), leftInPage(to)));
      Status status =
          space.access(
              from, left, Wanted.READ, (m, prefix) -> m.read(prefix, from, buffer, 0, step));
      if (status.isSuccess()) {
        status = store(to, left, step);
      }
      if (!status.isSuccess()) {
        return status;
      }
    }
    return Status.SUCCESS;
  }

  /// The pattern begins anew at the first byte of the destination, wherever that is.
  private Status fill(Descriptor d) {
    while (doneBytes < d.lengthBytes()) {
      if (space.isStopping()) {
        return Status.STOPPED;
      }
      long to = d.destination() + doneBytes;
      long left = d.lengthBytes() - doneBytes;
      long step = Math.min(left, leftInPage(to));
      long pattern = Long.rotateRight(d.operand(), (int) (doneBytes & 7) * 8);
      for (int i = 0; i < step + 7 >> 3; i++) {
        buffer.set(LONG, i * 8L, pattern);
      }
      Status status = store(to, left, step);
      if (!status.isSuccess()) {
        return status;
      }
    }
    return Status.SUCCESS;
  }

  private Status store(long to, long left, long step) {
    Status status =
        space.access(to, left, Wanted.WRITE, (m, prefix) -> m.write(prefix, to, buffer, 0, step));
    if (status.isSuccess()) {
      doneBytes += step;
    }
    return status;
  }

  private Status atomic(Descriptor d) {
    AtomicOperation operation =
        switch (d.opcode()) {
          case FETCH_ADD -> AtomicOperation.fetchAdd(d.widthBytes(), d.operand());
          case SWAP -> AtomicOperation.swap(d.widthBytes(), d.operand());
          default -> AtomicOperation.compareSwap(d.widthBytes(), d.expected(), d.operand());
        };
    long at = d.destination();
    Status status =
        space.access(at, 1, Wanted.BOTH, (memory, prefix) -> memory.atomic(prefix, at, operation));
    if (status.isSuccess()) {
      doneBytes = d.widthBytes();
      previous = operation.previous();
    }
    return status;
  }

  private static long leftInPage(long address) {
    return PAGE_BYTES - (address & PAGE_BYTES - 1);
  }

  /// Reads the descriptor at `iova`, which is a multiple of its size.
  ///
  /// @return it, or `null` if it cannot be read
  Descriptor fetchDescriptor(long iova) {
    space.begin(true);
    Status status =
        space.access(
            iova,
            Descriptor.BYTES,
            Wanted.READ,
            (memory, prefix) -> memory.read(prefix, iova, buffer, 0, Descriptor.BYTES));
    return status.isSuccess() ? Descriptor.decode(buffer) : null;
  }

  /// Writes the completion record of `descriptor`, its first word last.
  ///
  /// @param fault address of the page that was not to be had, or what an atomic operation found
  /// @return whether it could be written
  boolean writeRecord(Descriptor descriptor, Status status, long fault, int pagesAsked) {
    long at = descriptor.record();
    buffer.set(LONG, 0, status.ordinal() | (long) descriptor.tag() << 32);
    buffer.set(LONG, 8, doneBytes);
    buffer.set(LONG, 16, fault);
    buffer.set(LONG, 24, pagesAsked);
    space.begin(true);
    return space
            .access(at, 1, Wanted.WRITE, (m, prefix) -> m.write(prefix, at + 8, buffer, 8, 24))
            .isSuccess()
        && space
            .access(at, 1, Wanted.WRITE, (m, prefix) -> m.write(prefix, at, buffer, 0, 8))
            .isSuccess();
  }
}
