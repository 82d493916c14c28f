package dev.portcullis.management.boot.log;

/// Types of events that our logs have.
public enum LogEventType {
  /// Says something about the log; extended into no register.
  EV_NO_ACTION(3),
  /// Between what firmware measures and what comes then.
  EV_SEPARATOR(4),
  /// A boot loader, and what it loads.
  EV_IPL(0xd),
  /// Firmware: its address and its length in memory.
  EV_EFI_PLATFORM_FIRMWARE_BLOB(0x8000_0008);

  private final int code;

  LogEventType(int code) {
    this.code = code;
  }

  public int code() {
    return code;
  }
}
