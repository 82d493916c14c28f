package dev.portcullis.devices.nvme;

/// Something the host hears of if it has asked to.
///
/// @nvme 5.2 Asynchronous Event Request command
enum AsyncEvent {
  INVALID_DOORBELL_REGISTER(Type.ERROR, 0, 0x01),
  INVALID_DOORBELL_VALUE(Type.ERROR, 1, 0x01),
  TEMPERATURE_THRESHOLD(Type.HEALTH, 1, 0x02);

  /// Kinds of event; reading the log page of a kind lets the next one of it through.
  enum Type {
    ERROR,
    HEALTH
  }

  private final Type type;
  private final int info;
  private final int logPage;

  AsyncEvent(Type type, int info, int logPage) {
    this.type = type;
    this.info = info;
    this.logPage = logPage;
  }

  Type type() {
    return type;
  }

  /// Dword 0 of the completion: type in [2:0], information in [15:8], log page in [23:16].
  int dword0() {
    return type.ordinal() | info << 8 | logPage << 16;
  }
}
