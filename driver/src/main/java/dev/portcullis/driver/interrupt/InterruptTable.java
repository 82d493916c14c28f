package dev.portcullis.driver.interrupt;

import dev.portcullis.driver.command.GlobalCommand;
import dev.portcullis.driver.discovery.UnitTraits;
import dev.portcullis.driver.interrupt.InterruptOptions.Apics;
import dev.portcullis.driver.interrupt.InterruptOptions.Compatibility;
import dev.portcullis.driver.invalidation.InvalidationBatch;
import dev.portcullis.driver.invalidation.Invalidator;
import dev.portcullis.driver.port.DriverException;
import dev.portcullis.driver.port.DriverException.Reason;
import dev.portcullis.driver.port.Platform;
import dev.portcullis.driver.port.RegisterPort;
import dev.portcullis.driver.table.EntryTable;
import dev.portcullis.driver.table.TableWriter;
import dev.portcullis.spec.descriptor.InterruptCacheInvalidate;
import dev.portcullis.spec.interrupt.InterruptEntry;
import dev.portcullis.spec.register.ExtendedCapability;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.spec.register.GlobalRegisters;
import dev.portcullis.spec.register.InterruptRegisters;
import java.util.BitSet;

/// The interrupt remapping table, handed out in blocks.
///
/// @vtd 5.1 Interrupt Remapping
public final class InterruptTable {
  private final RegisterPort registers;
  private final Platform platform;
  private final UnitTraits traits;
  private final GlobalCommand command;
  private final Invalidator invalidator;
  private final InterruptOptions options;
  private final EntryTable table;
  private final int entries;
  private final BitSet taken = new BitSet();

  /// Absent entries whose refusals are not recorded.
  private final BitSet silent = new BitSet();

  /// An empty table, not yet given to the unit.
  ///
  /// @throws DriverException if the unit cannot remap interrupts as `options` say
  public InterruptTable(
      Platform platform,
      UnitTraits traits,
      GlobalCommand command,
      Invalidator invalidator,
      TableWriter writer,
      InterruptOptions options)
      throws DriverException {
    check(traits, options);
    this.platform = platform;
    this.registers = platform.registers();
    this.traits = traits;
    this.command = command;
    this.invalidator = invalidator;
    this.options = options;
    this.entries = 1 << options.entriesLog2();
    this.table = new EntryTable(writer, entries);
  }

  private static void check(UnitTraits traits, InterruptOptions options) throws DriverException {
    boolean extended = options.apics() == Apics.X2APIC;
    if (!traits.has(Feature.INTERRUPT_REMAPPING)
        || extended && !traits.has(Feature.EXTENDED_INTERRUPT_MODE)
        || !extended && traits.has(Feature.EXTENDED_INTERRUPT_MODE_REQUIRED)) {
      throw new DriverException(
          Reason.UNSUPPORTED, "the unit does not remap interrupts for " + options.apics());
    }
  }

  /// Has the unit remap interrupts from now on: every one that names no entry is refused, unless it
  /// was asked otherwise.
  public void enable() throws DriverException {
    boolean extended = options.apics() == Apics.X2APIC;
    registers.write64(
        InterruptRegisters.IRTA.offset(),
        table.base()
            | InterruptRegisters.EIME.encode(extended ? 1 : 0)
            | InterruptRegisters.S.encode(options.entriesLog2() - 1));
    command.takePointer(GlobalRegisters.SIRTP);
    forgetAllUnless(Feature.ENHANCED_SET_INTERRUPT_TABLE_POINTER);
    if (options.compatibility() == Compatibility.LET_THROUGH) {
      command.enable(GlobalRegisters.CFI);
    } else {
      command.disable(GlobalRegisters.CFI);
    }
    command.enable(GlobalRegisters.IRE);
  }

  /// Has the unit remap no more, and gives the table back.
  public void close() throws DriverException {
    forgetAllUnless(Feature.ENHANCED_SET_INTERRUPT_TABLE_POINTER);
    command.disable(GlobalRegisters.IRE);
    table.close();
  }

  private void forgetAllUnless(Feature unitDoesSo) throws DriverException {
    if (!traits.has(unitDoesSo)) {
      invalidator.submit(new InvalidationBatch().add(InterruptCacheInvalidate.global()));
    }
  }

  /// Takes `count` entries side by side, from a multiple of `count` on; all are absent.
  ///
  /// @param count a power of two: a device with several vectors of MSI takes as many
  /// @throws DriverException [Reason#OUT_OF_INTERRUPTS] if they are not to be had
  public synchronized InterruptBlock allocate(int count) throws DriverException {
    if (Integer.bitCount(count) != 1) {
      throw new IllegalArgumentException(count + " entries");
    }
    for (int first = 0; first + count <= entries; first += count) {
      if (taken.get(first, first + count).isEmpty()) {
        taken.set(first, first + count);
        return new InterruptBlock(this, first, count);
      }
    }
    throw new DriverException(
        Reason.OUT_OF_INTERRUPTS, "no %d entries are free of %d".formatted(count, entries));
  }

  /// A descriptor to post interrupts to; nothing is posted yet.
  ///
  /// @param vector of the interrupt that tells of posted ones
  /// @param destination of that interrupt: a local APIC id
  /// @throws DriverException if the unit cannot post
  public PostedInterrupts newDescriptor(int vector, int destination) throws DriverException {
    if (!traits.has(Feature.POSTED_INTERRUPTS)) {
      throw new DriverException(Reason.UNSUPPORTED, "the unit does not post interrupts");
    }
    return new PostedInterrupts(platform, vector, destinationField(destination));
  }

  /// How entries and descriptors hold a local APIC id.
  int destinationField(int id) {
    return options.apics() == Apics.X2APIC ? id : InterruptEntry.unextended(id);
  }

  /// Replaces an entry such that the unit sees the old one or the new one; if memory has no 128-bit
  /// writes and both halves change, none for a moment.
  synchronized void set(int index, InterruptEntry entry) throws DriverException {
    if (!table.isPresent(index)) {
      table.add(index, entry.lo(), entry.hi());
      silent.clear(index);
      if (traits.cachesAbsence()) {
        forget(index, 0);
      } else if (traits.has(Feature.WRITE_BUFFER_FLUSH)) {
        command.flushWriteBuffer();
      }
    } else if (table.replace(index, entry.lo(), entry.hi())) {
      forget(index, 0);
    } else {
      table.remove(index);
      forget(index, 0);
      set(index, entry);
    }
  }

  /// Replaces an entry that is present, in one access: at every moment the unit sees the old one or
  /// the new one. When it returns, no interrupt goes by the old one any more.
  ///
  /// @param block that the entry is in
  /// @return whether that was done; an entry that refuses, or is no more the block's, stays so
  /// @throws DriverException if it cannot be done in one access; then nothing has happened
  synchronized boolean replace(InterruptBlock block, int index, InterruptEntry entry)
      throws DriverException {
    if (block.isClosed() || !table.isPresent(index)) {
      return false;
    }
    if (!table.replace(index, entry.lo(), entry.hi())) {
      throw new DriverException(
          Reason.UNSUPPORTED, "memory has no writes of 128 bits, and both halves would change");
    }
    forget(index, 0);
    return true;
  }

  synchronized void clear(int index) throws DriverException {
    if (table.isPresent(index) || silent.get(index)) {
      remove(index);
      forget(index, 0);
    }
  }

  private void remove(int index) throws DriverException {
    table.remove(index);
    silent.clear(index);
  }

  /// Has an entry refuse without a record. The bit counts although the entry is not present.
  synchronized void silence(int index) throws DriverException {
    table.writeAbsent(index, InterruptEntry.FPD.mask());
    silent.set(index);
    forget(index, 0);
  }

  /// Clears a block's entries, and gives them back.
  synchronized void free(InterruptBlock block) throws DriverException {
    int first = block.first();
    int count = block.count();
    for (int index = first; index < first + count; index++) {
      if (table.isPresent(index) || silent.get(index)) {
        remove(index);
      }
    }
    forget(first, Integer.numberOfTrailingZeros(count));
    taken.clear(first, first + count);
    block.closed();
  }

  private void forget(int index, int countLog2) throws DriverException {
    long most = ExtendedCapability.MHMV.of(traits.capabilities().extended().word());
    invalidator.submit(
        new InvalidationBatch()
            .add(
                countLog2 <= most
                    ? InterruptCacheInvalidate.indices(index, countLog2)
                    : InterruptCacheInvalidate.global()));
  }
}
