package dev.portcullis.kit.interrupt;

import dev.portcullis.kit.TestMachine;
import dev.portcullis.kit.memory.GuestMemory;
import dev.portcullis.kit.register.Command;
import dev.portcullis.kit.register.Offsets;
import dev.portcullis.kit.table.Entry;

/// An interrupt remapping table, from software's side. Writing entries invalidates nothing.
///
/// @vtd 11.4.10 Interrupt Remapping Table Address Register
public final class InterruptTable {
  private final TestMachine machine;
  private final long base;
  private final int sizeCode;

  /// An empty table of 2^(`sizeCode` + 1) entries.
  public InterruptTable(TestMachine machine, int sizeCode) {
    this(machine, sizeCode, machine.memory().pages(pages(sizeCode)));
  }

  /// A table that is already at `base`.
  public InterruptTable(TestMachine machine, int sizeCode, long base) {
    this.machine = machine;
    this.sizeCode = sizeCode;
    this.base = base;
  }

  private static int pages(int sizeCode) {
    return (int) Math.max(1, ((long) Irte.BYTES << sizeCode + 1) / GuestMemory.PAGE);
  }

  /// Its address.
  public long base() {
    return base;
  }

  /// How many entries it has.
  public int size() {
    return 1 << sizeCode + 1;
  }

  /// Replaces entry `index`.
  public InterruptTable set(int index, Entry entry) {
    long at = base + (long) Irte.BYTES * index;
    machine.memory().writeLong(at + 8, entry.hi());
    machine.memory().writeLong(at, entry.lo());
    return this;
  }

  /// Value of IRTA that names it.
  public long pointer(Destinations destinations) {
    return base | destinations.bit() | sizeCode;
  }

  /// Has the unit take it.
  public InterruptTable take(Destinations destinations) {
    machine.registers().write64(Offsets.IRTA, pointer(destinations));
    machine.registers().command(Command.SIRTP);
    return this;
  }

  /// Has the unit take it and remap interrupts by it; the queue is on.
  public InterruptTable remap(Destinations destinations) {
    machine.queue().enable();
    take(destinations);
    machine.registers().enable(Command.IRE);
    return this;
  }
}
