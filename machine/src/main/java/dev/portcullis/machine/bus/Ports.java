package dev.portcullis.machine.bus;

/// Ports: the two that configuration space is reached by, address at CF8h and data at CFCh. All
/// others read as ones.
///
/// ```
///   31  30   24 23   16 15      8 7        2 1 0
///  +----+------+-------+---------+----------+---+
///  | EN |  0   |  bus  | dev.fun | register | 0 |
///  +----+------+-------+---------+----------+---+
/// ```
public final class Ports {
  private static final int ADDRESS = 0xcf8;
  private static final int DATA = 0xcfc;
  private static final int REGISTER_BYTES = 4;
  private static final int ENABLED = 1 << 31;

  private final PciBus bus;
  private int address;

  /// Ports that reach `bus`.
  public Ports(PciBus bus) {
    this.bus = bus;
  }

  /// One access of `widthBytes`: 1, 2 or 4.
  public long read(int port, int widthBytes) {
    long value = -1;
    if (isIn(ADDRESS, port, widthBytes)) {
      value = (address & 0xffff_ffffL) >>> 8 * (port - ADDRESS);
    } else if (isData(port, widthBytes)) {
      value = bus.readConfig(id(), register(port), widthBytes);
    }
    return value & -1L >>> 64 - 8 * widthBytes;
  }

  /// One access of `widthBytes`: 1, 2 or 4. The address takes only whole ones.
  public void write(int port, int widthBytes, long value) {
    if (port == ADDRESS && widthBytes == REGISTER_BYTES) {
      address = (int) value;
    } else if (isData(port, widthBytes)) {
      bus.writeConfig(id(), register(port), widthBytes, value);
    }
  }

  private boolean isData(int port, int widthBytes) {
    return (address & ENABLED) != 0 && isIn(DATA, port, widthBytes);
  }

  private static boolean isIn(int register, int port, int widthBytes) {
    return port >= register && port + widthBytes <= register + REGISTER_BYTES;
  }

  private int id() {
    return address >> 8 & 0xffff;
  }

  private int register(int port) {
    return address & 0xfc | port - DATA;
  }
}
