package dev.portcullis.vmm.iomodel;

import dev.portcullis.pci.ConfigRegisters;
import dev.portcullis.pci.PciFunction;

/// A function that the monitor plays, as the partition reaches it: each access to its registers and
/// to its configuration space traps.
final class PlayedFunction extends PciFunction {
  private static final int BARS_END = 0x28;

  private final PciFunction played;
  private final Tally tally;
  private final Registers registers;

  /// What the registers of a function are for.
  enum Registers {
    /// They say what is to be done with data that are elsewhere.
    CONTROL,
    /// The data pass through them, word by word: what is accessed is copied.
    DATA
  }

  PlayedFunction(PciFunction played, Tally tally, Registers registers) {
    super(played.bars());
    this.played = played;
    this.tally = tally;
    this.registers = registers;
    mirror();
  }

  /// Has the windows be where the function's own registers say.
  private void mirror() {
    config().put(ConfigRegisters.COMMAND, 2, played.readConfig(ConfigRegisters.COMMAND, 2));
    for (int offset = ConfigRegisters.BASE_ADDRESS_0; offset < BARS_END; offset += 4) {
      config().put(offset, 4, played.readConfig(offset, 4));
    }
  }

  @Override
  public long readConfig(int offset, int widthBytes) {
    tally.trapped();
    return played.readConfig(offset, widthBytes);
  }

  @Override
  public void writeConfig(int offset, int widthBytes, long value) {
    tally.trapped();
    played.writeConfig(offset, widthBytes, value);
    mirror();
  }

  @Override
  public long readBar(int bar, long offset, int widthBytes) {
    trapped(widthBytes);
    return played.readBar(bar, offset, widthBytes);
  }

  @Override
  public void writeBar(int bar, long offset, int widthBytes, long value) {
    trapped(widthBytes);
    played.writeBar(bar, offset, widthBytes, value);
  }

  private void trapped(int widthBytes) {
    tally.trapped();
    if (registers == Registers.DATA) {
      tally.copied(widthBytes);
    }
  }

  @Override
  public void reset() {
    played.reset();
    mirror();
  }

  @Override
  public void close() {
    played.close();
  }
}
