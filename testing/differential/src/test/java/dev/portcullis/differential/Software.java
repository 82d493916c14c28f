package dev.portcullis.differential;

import dev.portcullis.qtest.client.QtestClient;
import dev.portcullis.qtest.client.QtestException;

/// The software of a machine: what it does to memory, registers and devices, and what it looks at
/// after each step.
final class Software {
  static final int TESTDEV = 1 << 3;
  static final int EDU = 2 << 3;

  static final int GCMD = 0x18;
  static final int GSTS = 0x1c;
  static final int RTADDR = 0x20;
  static final int CCMD = 0x28;
  static final int FSTS = 0x34;
  static final int FECTL = 0x38;
  static final int FEDATA = 0x3c;
  static final int FEADDR = 0x40;
  static final int IQH = 0x80;
  static final int IQT = 0x88;
  static final int IQA = 0x90;
  static final int ICS = 0x9c;
  static final int IECTL = 0xa0;
  static final int IEDATA = 0xa4;
  static final int IEADDR = 0xa8;
  static final int IVA = 0xf0;
  static final int IOTLB = 0xf8;
  static final int FRCD = 0x220;

  private static final long UNIT_AT = 0xfed9_0000L;
  private static final long TESTDEV_AT = 0xfe00_0000L;
  private static final long EDU_AT = 0xfe10_0000L;
  private static final int MEMORY_AND_MASTER = 6;
  private static final long EDU_BUFFER = 0x4_0000;
  private static final long EDU_NANOS = 100_000_000;

  private final QtestClient client;
  private final Trace trace;

  Software(QtestClient client, Trace trace) {
    this.client = client;
    this.trace = trace;
  }

  Trace trace() {
    return trace;
  }

  /// Places the windows of the devices.
  void placeDevices() throws QtestException {
    place(TESTDEV, TESTDEV_AT);
    place(EDU, EDU_AT);
  }

  private void place(int function, long window) throws QtestException {
    config(function, 0x10, window);
    config(function, 4, MEMORY_AND_MASTER);
  }

  private void config(int function, int register, long value) throws QtestException {
    client.out(0xcf8, 4, 0x8000_0000L | (long) function << 8 | register);
    client.out(0xcfc, 4, value);
  }

  void write64(long address, long value) throws QtestException {
    client.write(address, 8, value);
  }

  void fill(long address, long lengthBytes, int value) throws QtestException {
    client.fill(address, lengthBytes, (byte) value);
  }

  void register32(int register, long value) throws QtestException {
    client.write(UNIT_AT + register, 4, value);
  }

  void register64(int register, long value) throws QtestException {
    client.write(UNIT_AT + register, 8, value);
  }

  /// Looks at a register of 4 bytes.
  void see32(String name, int register) throws QtestException {
    trace.see(name, client.readLater(UNIT_AT + register, 4));
  }

  /// Looks at a register of 8 bytes.
  void see64(String name, int register) throws QtestException {
    trace.see(name, client.readLater(UNIT_AT + register, 8));
  }

  /// Looks at 8 bytes of memory.
  void seeMemory(String name, long address) throws QtestException {
    trace.see(name, client.readLater(address, 8));
  }

  /// Looks at what every step may change.
  void seeFaults() throws QtestException {
    see32("FSTS", FSTS);
    see64("FRCD low", FRCD);
    see64("FRCD high", FRCD + 8);
    see32("FECTL", FECTL);
  }

  /// Looks at what commands and the queue change.
  void seeCommands() throws QtestException {
    see32("GSTS", GSTS);
    see64("RTADDR", RTADDR);
    see64("IQH", IQH);
    see64("IQT", IQT);
    see32("ICS", ICS);
    see32("IECTL", IECTL);
  }

  /// Has the test device write `lengthBytes` at `iova`, and look for them at `hpa`.
  void testDma(long iova, int lengthBytes, long hpa) throws QtestException {
    client.write(TESTDEV_AT + 0x04, 8, iova);
    client.write(TESTDEV_AT + 0x0c, 4, lengthBytes);
    client.write(TESTDEV_AT + 0x1c, 8, hpa);
    client.write(TESTDEV_AT + 0x14, 4, 1);
    trace.see("trigger", client.readLater(TESTDEV_AT, 4));
    trace.see("result", client.readLater(TESTDEV_AT + 0x10, 4));
  }

  /// Has the edu device read `lengthBytes` at `iova` into its buffer.
  void eduRead(long iova, int lengthBytes) throws QtestException {
    edu(iova, EDU_BUFFER, lengthBytes, 1);
  }

  /// Has the edu device write `lengthBytes` of its buffer at `iova`.
  void eduWrite(long iova, int lengthBytes) throws QtestException {
    edu(EDU_BUFFER, iova, lengthBytes, 3);
  }

  private void edu(long source, long destination, int lengthBytes, int command)
      throws QtestException {
    client.write(EDU_AT + 0x80, 8, source);
    client.write(EDU_AT + 0x88, 8, destination);
    client.write(EDU_AT + 0x90, 8, lengthBytes);
    client.write(EDU_AT + 0x98, 8, command);
    client.passTime(EDU_NANOS);
    trace.see("edu command", client.readLater(EDU_AT + 0x98, 8));
  }

  byte[] memory(long address, int lengthBytes) throws QtestException {
    return client.readBytes(address, lengthBytes);
  }
}
