package dev.portcullis.vmm.platform;

import dev.portcullis.driver.port.RegisterPort;
import dev.portcullis.unit.RemappingUnit;

/// The register window of a unit in this process.
public record UnitRegisterPort(RemappingUnit unit) implements RegisterPort {

  @Override
  public int read32(int offset) {
    return (int) unit.readRegister(offset, Integer.BYTES);
  }

  @Override
  public long read64(int offset) {
    return unit.readRegister(offset, Long.BYTES);
  }

  @Override
  public void write32(int offset, int value) {
    unit.writeRegister(offset, Integer.BYTES, Integer.toUnsignedLong(value));
  }

  @Override
  public void write64(int offset, long value) {
    unit.writeRegister(offset, Long.BYTES, value);
  }
}
