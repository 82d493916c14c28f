package dev.portcullis.differential;

import dev.portcullis.driver.port.DriverException;
import dev.portcullis.driver.port.RegisterPort;
import dev.portcullis.qtest.client.QtestClient;
import dev.portcullis.qtest.client.QtestException;

/// The register window of a unit behind qtest.
///
/// @param base physical address of the window
record QtestRegisters(QtestClient client, long base) implements RegisterPort {

  @Override
  public int read32(int offset) throws DriverException {
    return (int) read(offset, 4);
  }

  @Override
  public long read64(int offset) throws DriverException {
    return read(offset, 8);
  }

  @Override
  public void write32(int offset, int value) throws DriverException {
    write(offset, 4, value & 0xffff_ffffL);
  }

  @Override
  public void write64(int offset, long value) throws DriverException {
    write(offset, 8, value);
  }

  private long read(int offset, int widthBytes) throws DriverException {
    try {
      return client.read(base + offset, widthBytes);
    } catch (QtestException e) {
      throw QtestMemory.unreachable(e);
    }
  }

  private void write(int offset, int widthBytes, long value) throws DriverException {
    try {
      client.write(base + offset, widthBytes, value);
    } catch (QtestException e) {
      throw QtestMemory.unreachable(e);
    }
  }
}
