package dev.portcullis.machine.bus;

import dev.portcullis.unit.RemappingUnit;

/// The registers of a remapping unit.
public record UnitWindow(RemappingUnit unit) implements Window.Target {
  @Override
  public long read(long offset, int widthBytes) {
    return unit.readRegister(offset, widthBytes);
  }

  @Override
  public void write(long offset, int widthBytes, long value) {
    unit.writeRegister(offset, widthBytes, value);
  }
}
