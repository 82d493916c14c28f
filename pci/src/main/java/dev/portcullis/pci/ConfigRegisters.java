package dev.portcullis.pci;

/// Where the registers of the configuration header lie, in bytes, and the bits used of them.
///
/// @pcie 7.5.1 PCI-Compatible Configuration Registers
public final class ConfigRegisters {
  public static final int VENDOR_ID = 0x00;
  public static final int DEVICE_ID = 0x02;
  public static final int COMMAND = 0x04;
  public static final int STATUS = 0x06;
  public static final int REVISION_ID = 0x08;
  public static final int CLASS_CODE = 0x09;
  public static final int CACHE_LINE_SIZE = 0x0c;
  public static final int HEADER_TYPE = 0x0e;
  public static final int BASE_ADDRESS_0 = 0x10;
  public static final int SUBSYSTEM_VENDOR_ID = 0x2c;
  public static final int SUBSYSTEM_ID = 0x2e;
  public static final int CAPABILITIES_POINTER = 0x34;
  public static final int INTERRUPT_LINE = 0x3c;
  public static final int INTERRUPT_PIN = 0x3d;

  /// First byte after the header: where capabilities may begin.
  public static final int HEADER_END = 0x40;

  /// First byte of the extended configuration space.
  public static final int EXTENDED_SPACE = 0x100;

  /// Command: the function answers in its memory windows.
  public static final int MEMORY_SPACE_ENABLE = 1 << 1;

  /// Command: the function may issue memory requests, messages among them.
  public static final int BUS_MASTER_ENABLE = 1 << 2;

  public static final int PARITY_ERROR_RESPONSE = 1 << 6;
  public static final int SERR_ENABLE = 1 << 8;

  /// Command: the function may not assert its interrupt pin.
  public static final int INTERRUPT_DISABLE = 1 << 10;

  /// Header type: the device has other functions.
  public static final int MULTI_FUNCTION = 1 << 7;

  /// Status: the function has a reason to assert its interrupt pin, whether it may or not.
  public static final int INTERRUPT_STATUS = 1 << 3;

  /// Status: there is a list of capabilities.
  public static final int CAPABILITIES_LIST = 1 << 4;

  /// Status: a request of this function ended with Completer Abort.
  public static final int RECEIVED_TARGET_ABORT = 1 << 12;

  /// Status: a request of this function ended with Unsupported Request.
  public static final int RECEIVED_MASTER_ABORT = 1 << 13;

  /// Status: the bits that software clears by writing 1.
  static final int STATUS_CLEARED_BY_ONE =
      1 << 8 | 1 << 11 | RECEIVED_TARGET_ABORT | RECEIVED_MASTER_ABORT | 1 << 14 | 1 << 15;

  /// Command: the bits that software may write. There is no I/O space here, so bit 0 stays 0.
  static final int COMMAND_WRITABLE =
      MEMORY_SPACE_ENABLE
          | BUS_MASTER_ENABLE
          | PARITY_ERROR_RESPONSE
          | SERR_ENABLE
          | INTERRUPT_DISABLE;

  private ConfigRegisters() {}
}
