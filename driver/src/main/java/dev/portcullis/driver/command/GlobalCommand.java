package dev.portcullis.driver.command;

import dev.portcullis.driver.port.DriverException;
import dev.portcullis.driver.port.Patience;
import dev.portcullis.driver.port.Platform;
import dev.portcullis.driver.port.RegisterPort;
import dev.portcullis.spec.BitField;
import dev.portcullis.spec.register.GlobalRegisters;
import dev.portcullis.spec.register.ProtectedMemoryRegisters;

/// Gives commands one at a time, and awaits that each has ended.
///
/// A command that carries on while the next one is given is undefined; so is a write that changes
/// two bits at once. Switches that shall stay must be written as they are.
///
/// @vtd 11.4.4 Global Command Register
/// @vtd 11.4.5 Global Status Register
public final class GlobalCommand {
  /// Drops the one-shot bits of what GSTS says.
  private static final int LEVELS = 0x96ff_ffff;

  private final RegisterPort registers;
  private final Patience patience;

  public GlobalCommand(Platform platform) {
    this.registers = platform.registers();
    this.patience = platform.patience();
  }

  /// Whether the switch `level` is on.
  public boolean isOn(BitField level) throws DriverException {
    return level.isSet(status());
  }

  /// Turns on the switch `level`, unless it is.
  public synchronized void enable(BitField level) throws DriverException {
    int status = status();
    if (!level.isSet(status)) {
      write(status & LEVELS | (int) level.mask());
      patience.await(level.name() + " on", () -> level.isSet(status()));
    }
  }

  /// Turns off the switch `level`, unless it is.
  public synchronized void disable(BitField level) throws DriverException {
    int status = status();
    if (level.isSet(status)) {
      write(status & LEVELS & ~(int) level.mask());
      patience.await(level.name() + " off", () -> !level.isSet(status()));
    }
  }

  /// Has the unit take the pointer that SRTP or SIRTP is about.
  public synchronized void takePointer(BitField setPointer) throws DriverException {
    write(status() & LEVELS | (int) setPointer.mask());
    patience.await(setPointer.name() + " taken", () -> setPointer.isSet(status()));
  }

  /// Makes what was written to tables visible to a unit that needs to be told.
  public synchronized void flushWriteBuffer() throws DriverException {
    write(status() & LEVELS | (int) GlobalRegisters.WBF.mask());
    patience.await("write buffer flushed", () -> !GlobalRegisters.WBF.isSet(status()));
  }

  /// Takes the protection away that firmware may have put on regions of memory.
  ///
  /// @vtd 11.4.8 Protected Memory Registers
  public synchronized void unprotectMemory() throws DriverException {
    int offset = ProtectedMemoryRegisters.PMEN.offset();
    int now = registers.read32(offset);
    registers.write32(offset, now & ~(int) ProtectedMemoryRegisters.EPM.mask());
    patience.await(
        "protected memory off",
        () -> !ProtectedMemoryRegisters.PRS.isSet(registers.read32(offset)));
  }

  private int status() throws DriverException {
    return registers.read32(GlobalRegisters.GSTS.offset());
  }

  private void write(int command) throws DriverException {
    registers.write32(GlobalRegisters.GCMD.offset(), command);
  }
}
