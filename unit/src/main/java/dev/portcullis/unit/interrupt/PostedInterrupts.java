package dev.portcullis.unit.interrupt;

import dev.portcullis.memory.Exchange;
import dev.portcullis.memory.Fetched;
import dev.portcullis.memory.MemoryMap;
import dev.portcullis.spec.interrupt.CompatibilityFormat;
import dev.portcullis.spec.interrupt.DeliveryMode;
import dev.portcullis.spec.interrupt.InterruptEntry;
import dev.portcullis.spec.interrupt.PostedInterruptDescriptor;
import dev.portcullis.unit.event.MessageSink;
import java.lang.invoke.VarHandle;

/// Posts interrupts to descriptors in memory.
///
/// The architecture has one atomic read-modify-write of 64 bytes. No processor offers Java one, so
/// there are two: the vector's bit is set by an atomic OR, then ON by a compare-and-set of the
/// control word, which decides on the very word it replaces. What that leaves different:
///
/// * Nothing is lost. Whoever takes ON away before the compare-and-set finds the bit there when it
///   collects afterwards, or is told again; it never collects too early and is not told, since the
///   bit comes first.
/// * Two units, or a unit and a processor, may post to one descriptor at a time: bits add up, and
///   one of them turns ON from 0 to 1, which tells software once.
/// * One who reads PIR first and ON after may see the bit without its ON, for as long as the unit
///   is between the two. Processors that post to one another do the same two steps, and a
///   suppressed descriptor shows the same sight, so software expects it.
///
/// The descriptor's reserved bits are judged by what is read first, before anything is changed.
///
/// @vtd 5.2.3 Interrupt-Posting Hardware Operation
final class PostedInterrupts {
  /// Software that rewrites the control word without pause does not hold the unit up for ever.
  private static final int TRIES = 1_000;

  private final MemoryMap memory;

  PostedInterrupts(MemoryMap memory) {
    this.memory = memory;
  }

  /// Posts the interrupt of `entry`.
  ///
  /// @param extended whether destinations have 32 bits
  /// @param fetched to fetch into
  /// @param out where the message to software goes; it is not remapped
  // Deviation: two atomic accesses where the architecture has one of 64 bytes.
  Posting post(InterruptEntry entry, boolean extended, Fetched fetched, MessageSink out) {
    long descriptor = entry.descriptor();
    if (!memory.fetch128(descriptor + PostedInterruptDescriptor.CONTROL_OFFSET, fetched)) {
      return Posting.ACCESS_FAILED; // step 1
    }
    long reserved = fetched.lo & reservedControl(extended) | fetched.hi;
    if (!memory.fetch128(descriptor + PostedInterruptDescriptor.TAIL_OFFSET, fetched)) {
      return Posting.ACCESS_FAILED;
    }
    if ((reserved | fetched.lo | fetched.hi) != 0) {
      return Posting.RESERVED_BITS; // step 2
    }
    int vector = entry.vector();
    if (!memory.or64(
        descriptor + PostedInterruptDescriptor.requestOffset(vector),
        PostedInterruptDescriptor.requestBit(vector))) { // step 3
      return Posting.ACCESS_FAILED;
    }
    // The bit is there before ON is looked at.
    VarHandle.fullFence();
    return tell(entry, extended, fetched, out);
  }

  private Posting tell(InterruptEntry entry, boolean extended, Fetched fetched, MessageSink out) {
    long at = entry.descriptor() + PostedInterruptDescriptor.CONTROL_OFFSET;
    for (int tries = 0; tries < TRIES && memory.fetch64(at, fetched); tries++) {
      long control = fetched.lo;
      boolean suppressed =
          PostedInterruptDescriptor.isSuppressed(control) && !entry.isUrgent(); // step 4
      if (PostedInterruptDescriptor.isOutstanding(control) || suppressed) {
        return Posting.QUIET;
      }
      long told = control | PostedInterruptDescriptor.ON.mask();
      Exchange exchange = memory.compareAndSet64(at, control, told); // steps 5 and 6
      if (exchange == Exchange.EXCHANGED) {
        send(control, extended, out); // step 7
        return Posting.TOLD;
      }
      if (exchange == Exchange.ABORTED) {
        return Posting.ACCESS_FAILED;
      }
    }
    return Posting.ACCESS_FAILED;
  }

  private static void send(long control, boolean extended, MessageSink out) {
    out.send(
        CompatibilityFormat.addressOf(PostedInterruptDescriptor.destination(control, extended), 0),
        CompatibilityFormat.dataOf(
            0, DeliveryMode.FIXED.code(), PostedInterruptDescriptor.vector(control)));
  }

  private static long reservedControl(boolean extended) {
    return extended
        ? PostedInterruptDescriptor.RESERVED_CONTROL
        : PostedInterruptDescriptor.RESERVED_CONTROL
            | PostedInterruptDescriptor.UNEXTENDED_RESERVED_CONTROL;
  }
}
