package dev.portcullis.kit.driver;

import dev.portcullis.driver.port.RegisterPort;
import dev.portcullis.unit.RemappingUnit;

/// The register window of a unit in this process.
public final class UnitRegisters implements RegisterPort {
  private final RemappingUnit unit;

  public UnitRegisters(RemappingUnit unit) {
    this.unit = unit;
  }

  @Override
  public int read32(int offset) {
    return (int) unit.readRegister(offset, 4);
  }

  @Override
  public long read64(int offset) {
    return unit.readRegister(offset, 8);
  }

  @Override
  public void write32(int offset, int value) {
    unit.writeRegister(offset, 4, value & 0xffff_ffffL);
  }

  @Override
  public void write64(int offset, long value) {
    unit.writeRegister(offset, 8, value);
  }
}
