package dev.portcullis.differential;

import dev.portcullis.driver.port.DriverException;
import dev.portcullis.driver.port.DriverException.Reason;
import dev.portcullis.driver.port.TableMemory;
import dev.portcullis.qtest.client.QtestClient;
import dev.portcullis.qtest.client.QtestException;

/// The memory of a machine behind qtest, whose processor stands still.
record QtestMemory(QtestClient client) implements TableMemory {

  @Override
  public long readLong(long hpa) throws DriverException {
    try {
      return client.read(hpa, 8);
    } catch (QtestException e) {
      throw unreachable(e);
    }
  }

  @Override
  public void writeLong(long hpa, long value) throws DriverException {
    try {
      client.write(hpa, 8, value);
    } catch (QtestException e) {
      throw unreachable(e);
    }
  }

  @Override
  public boolean compareAndSet(long hpa, long expected, long value) throws DriverException {
    boolean same = readLong(hpa) == expected;
    if (same) {
      writeLong(hpa, value);
    }
    return same;
  }

  @Override
  public void fill(long hpa, long lengthBytes, byte value) throws DriverException {
    try {
      client.fill(hpa, lengthBytes, value);
    } catch (QtestException e) {
      throw unreachable(e);
    }
  }

  static DriverException unreachable(QtestException cause) {
    return new DriverException(Reason.UNREACHABLE, "the machine is gone", cause);
  }
}
