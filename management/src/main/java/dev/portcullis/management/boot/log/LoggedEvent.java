package dev.portcullis.management.boot.log;

/// An event of a log.
///
/// @param register platform configuration register that it is extended into, 0 to 23
/// @param type a [LogEventType]'s code, or another's
/// @param digest SHA-256, 32 bytes
/// @param data what the event says
public record LoggedEvent(int register, int type, byte[] digest, byte[] data) {
  public LoggedEvent {
    digest = digest.clone();
    data = data.clone();
  }

  @Override
  public byte[] digest() {
    return digest.clone();
  }

  @Override
  public byte[] data() {
    return data.clone();
  }
}
