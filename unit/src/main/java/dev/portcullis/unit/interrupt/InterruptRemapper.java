package dev.portcullis.unit.interrupt;

import dev.portcullis.memory.Fetched;
import dev.portcullis.memory.MemoryMap;
import dev.portcullis.spec.fault.FaultReason;
import dev.portcullis.spec.interrupt.InterruptEntry;
import dev.portcullis.spec.interrupt.RemappableFormat;
import dev.portcullis.spec.register.Capabilities;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.unit.drain.InFlight;
import dev.portcullis.unit.event.MessageSink;
import dev.portcullis.unit.monitor.Monitor;
import dev.portcullis.unit.monitor.Monitor.InterruptLookup;
import dev.portcullis.unit.observe.InterruptOutcome;
import dev.portcullis.unit.observe.InvalidationKind;
import dev.portcullis.unit.observe.Observers;
import dev.portcullis.unit.observe.UnitEvent;
import dev.portcullis.unit.queue.InterruptEntries;
import dev.portcullis.unit.snoop.TableMemory;
import dev.portcullis.unit.translate.Refusals;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.UnaryOperator;

/// Takes an interrupt request to a message, to a bit in a posted-interrupt descriptor, or refuses
/// it.
///
/// The checks come in the order of their numbers. Number 1, that a request in the interrupt range
/// is an interrupt at all, is made where it is told from other requests.
///
/// Interrupts under way are counted apart from other requests: whoever must be sure that none still
/// uses an old entry waits for interrupts alone.
///
/// @vtd 5.1.4 Interrupt-Remapping Hardware Operation
public final class InterruptRemapper implements InterruptEntries {
  private static final InterruptOutcome PASSED = new InterruptOutcome.Passed();

  /// Where FI of a fault record has the index.
  private static final int INDEX_SHIFT = 48;

  private final MemoryMap entries;
  private final Refusals refusals;
  private final Observers observers;
  private final Monitor monitor;
  private final InterruptEntryCache cache;
  private final EntryChecks checks;
  private final PostedInterrupts postedInterrupts;
  private final Scratch scratch = new Scratch();
  private final InFlight inFlight = new InFlight();
  private final long beyondHostAddress;
  private final boolean remappingRequired;
  private final boolean extendedRequired;
  private final boolean tablePointerFlushes;
  private final boolean cachingMode;
  private final LongAdder passed = new LongAdder();
  private final LongAdder remapped = new LongAdder();
  private final LongAdder posted = new LongAdder();
  private final LongAdder told = new LongAdder();
  private final LongAdder lookups = new LongAdder();
  private final LongAdder fetches = new LongAdder();
  private volatile InterruptRegime regime = InterruptRegime.POWER_ON;

  /// @param cacheEntries size of the interrupt entry cache: a power of two
  public InterruptRemapper(
      TableMemory tables,
      Capabilities capabilities,
      int cacheEntries,
      Refusals refusals,
      Observers observers,
      Monitor monitor) {
    this.entries = tables.structures();
    this.refusals = refusals;
    this.observers = observers;
    this.monitor = monitor;
    this.cache = new InterruptEntryCache(cacheEntries);
    this.checks = new EntryChecks(capabilities);
    this.postedInterrupts = new PostedInterrupts(tables.snooped());
    this.beyondHostAddress = capabilities.beyondHostAddress();
    this.remappingRequired = capabilities.has(Feature.INTERRUPT_REMAPPING_REQUIRED);
    this.extendedRequired = capabilities.has(Feature.EXTENDED_INTERRUPT_MODE_REQUIRED);
    this.tablePointerFlushes = capabilities.has(Feature.ENHANCED_SET_INTERRUPT_TABLE_POINTER);
    this.cachingMode = capabilities.has(Feature.CACHING_MODE);
  }

  /// Handles the interrupt request of `sourceId`, a write of `data` to `address`.
  ///
  /// @return 0, or a code of [dev.portcullis.unit.request.Blocked]
  public long interrupt(int sourceId, long address, int data, MessageSink out) {
    int ticket = inFlight.enter(1);
    try {
      return handle(sourceId, address, data, out);
    } finally {
      inFlight.exit(ticket, 1);
    }
  }

  private long handle(int sourceId, long address, int data, MessageSink out) {
    // The epoch first: an entry of a table that is replaced meanwhile must not enter the cache.
    long epoch = cache.epoch();
    InterruptRegime now = regime;
    FaultReason reason = refusal(now, address, data);
    if (reason != null) {
      return refuse(reason, sourceId, address, data);
    }
    if (!now.isRemapping() || !RemappableFormat.isAt(address)) {
      return pass(sourceId, address, data, out); // 3, 7
    }
    int index = RemappableFormat.index(address, data);
    if (index >= now.entries() || isBeyondHost(now, index)) {
      // 9
      return refuse(FaultReason.INTERRUPT_INDEX_BEYOND_TABLE, sourceId, address, data);
    }
    InterruptEntry entry = entry(now, sourceId, index, epoch);
    if (entry == null) {
      // 10
      return refuse(FaultReason.INTERRUPT_ENTRY_FETCH_FAILED, sourceId, address, data);
    }
    reason = checks.refusal(entry, sourceId, now.isExtended()); // 11 to 13
    if (reason == null) {
      reason = carryOut(entry, now.isExtended(), out); // 14
    }
    if (reason != null) {
      return refuse(reason, entry.recordsFaults(), sourceId, address, data);
    }
    if (observers.arePresent()) {
      tell(sourceId, address, data, outcome(entry, index, now.isExtended()));
    }
    return 0;
  }

  /// What is wrong before any table, or `null`.
  private FaultReason refusal(InterruptRegime now, long address, int data) {
    if (!now.isRemapping()) {
      return remappingRequired ? FaultReason.REMAPPING_REQUIRED : null; // 2
    }
    if (extendedRequired && !now.isExtended()) {
      return FaultReason.EXTENDED_MODE_REQUIRED; // 4
    }
    if (!RemappableFormat.isAt(address)) {
      return now.passesCompatibility() ? null : FaultReason.COMPATIBILITY_FORMAT_BLOCKED; // 5, 6
    }
    boolean reserved =
        RemappableFormat.hasSubhandle(address) && (data & RemappableFormat.RESERVED_DATA) != 0;
    return reserved ? FaultReason.INTERRUPT_RESERVED_BITS : null; // 8
  }

  /// The table counts as well as the entry: behind the last address of all comes 0 again.
  private boolean isBeyondHost(InterruptRegime now, int index) {
    return ((now.table() | now.address(index)) & beyondHostAddress) != 0;
  }

  private long pass(int sourceId, long address, int data, MessageSink out) {
    passed.increment();
    out.send(address, data);
    if (observers.arePresent()) {
      tell(sourceId, address, data, PASSED);
    }
    return 0;
  }

  /// Entry `index`; `null` if there is no memory.
  private InterruptEntry entry(InterruptRegime now, int sourceId, int index, long epoch) {
    lookups.increment();
    InterruptEntry known = cache.lookup(index);
    if (known != null) {
      monitor.countInterrupt(
          sourceId, known.isPosted() ? InterruptLookup.POSTED : InterruptLookup.REMAPPED);
      return known;
    }
    monitor.countInterrupt(sourceId, InterruptLookup.MISS);
    fetches.increment();
    Fetched fetched = scratch.take();
    InterruptEntry entry =
        entries.fetch128(now.address(index), fetched)
            ? new InterruptEntry(fetched.lo, fetched.hi)
            : null;
    scratch.giveBack(fetched);
    if (entry != null && (cachingMode || !checks.isFaulty(entry, now.isExtended()))) {
      cache.fill(index, entry, epoch);
    }
    return entry;
  }

  private FaultReason carryOut(InterruptEntry entry, boolean extended, MessageSink out) {
    if (!entry.isPosted()) {
      remapped.increment();
      out.send(RemappedMessage.address(entry, extended), RemappedMessage.data(entry));
      return null;
    }
    Fetched fetched = scratch.take();
    Posting posting = postedInterrupts.post(entry, extended, fetched, out);
    scratch.giveBack(fetched);
    return switch (posting) {
      case TOLD -> {
        told.increment();
        posted.increment();
        yield null;
      }
      case QUIET -> {
        posted.increment();
        yield null;
      }
      case ACCESS_FAILED -> FaultReason.POSTED_DESCRIPTOR_ACCESS_FAILED;
      case RESERVED_BITS -> FaultReason.POSTED_DESCRIPTOR_RESERVED_BITS;
    };
  }

  private static InterruptOutcome outcome(InterruptEntry entry, int index, boolean extended) {
    return entry.isPosted()
        ? new InterruptOutcome.Posted(index, entry.descriptor(), entry.vector())
        : new InterruptOutcome.Remapped(
            index, RemappedMessage.address(entry, extended), RemappedMessage.data(entry));
  }

  private long refuse(FaultReason reason, int sourceId, long address, int data) {
    return refuse(reason, true, sourceId, address, data);
  }

  private long refuse(
      FaultReason reason, boolean recordsFaults, int sourceId, long address, int data) {
    if (observers.arePresent()) {
      tell(sourceId, address, data, new InterruptOutcome.Refused(reason));
    }
    long information =
        hasIndex(reason) ? (long) RemappableFormat.index(address, data) << INDEX_SHIFT : 0;
    return refusals.refuseInterrupt(reason, sourceId, information, recordsFaults);
  }

  private void tell(int sourceId, long address, int data, InterruptOutcome outcome) {
    observers.tell(new UnitEvent.Interrupted(sourceId, address, data, outcome));
  }

  /// Whether a record for `reason` tells the index.
  private static boolean hasIndex(FaultReason reason) {
    return switch (reason) {
      case INTERRUPT_INDEX_BEYOND_TABLE,
          INTERRUPT_ENTRY_NOT_PRESENT,
          INTERRUPT_ENTRY_FETCH_FAILED,
          INTERRUPT_ENTRY_RESERVED_BITS,
          SOURCE_NOT_VALID,
          POSTED_DESCRIPTOR_ACCESS_FAILED,
          POSTED_DESCRIPTOR_RESERVED_BITS ->
          true;
      default -> false;
    };
  }

  /// Takes the table that `irta`, the register, names, from the next interrupt on.
  public void table(long irta) {
    change(now -> now.table(irta));
    if (tablePointerFlushes) {
      cache.clear();
    }
  }

  /// Switches remapping on or off; on, when it returns, no interrupt passes as it was any more.
  ///
  /// @vtd 11.4.4 Global Command Register
  public void remapping(boolean on) {
    change(now -> now.remapping(on));
    if (on) {
      inFlight.drain();
    } else if (tablePointerFlushes) {
      cache.clear();
    }
  }

  /// Lets the compatibility format pass, or not, where it may.
  public void compatibility(boolean passes) {
    change(now -> now.compatibility(passes));
  }

  /// Back to the state after power-on. Interrupts under way end before it returns.
  public void reset() {
    change(now -> InterruptRegime.POWER_ON);
    cache.clear();
    inFlight.drain();
  }

  private synchronized void change(UnaryOperator<InterruptRegime> step) {
    regime = step.apply(regime);
  }

  @Override
  public void invalidateAll() {
    cache.invalidateAll();
    inFlight.drain();
  }

  @Override
  public void invalidate(int index, int indexMask) {
    cache.invalidate(index, indexMask);
    inFlight.drain();
  }

  /// How often software dropped entries, by kind; kinds that never were are not in it.
  public Map<InvalidationKind, Long> invalidations() {
    return cache.invalidations();
  }

  /// Requests that passed as they were.
  public long passed() {
    return passed.sum();
  }

  /// Requests that became another message.
  public long remapped() {
    return remapped.sum();
  }

  /// Requests that were posted to a descriptor.
  public long posted() {
    return posted.sum();
  }

  /// Those of them that software was told of.
  public long told() {
    return told.sum();
  }

  /// Looks into the interrupt entry cache.
  public long lookups() {
    return lookups.sum();
  }

  /// Entries read from memory, or attempts to: the cache did not have them.
  public long entriesFetched() {
    return fetches.sum();
  }
}
