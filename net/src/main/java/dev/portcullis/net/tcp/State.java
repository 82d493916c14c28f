package dev.portcullis.net.tcp;

/// The states of a connection (RFC 9293, 3.3.2). LISTEN is not one: what listens has no connection
/// yet.
public enum State {
  SYN_SENT,
  SYN_RECEIVED,
  ESTABLISHED,
  FIN_WAIT_1,
  FIN_WAIT_2,
  CLOSE_WAIT,
  CLOSING,
  LAST_ACK,
  TIME_WAIT,
  CLOSED;

  /// Whether the other side's data may still come.
  boolean mayReceive() {
    return this == ESTABLISHED || this == FIN_WAIT_1 || this == FIN_WAIT_2;
  }

  /// Whether both sides have agreed on the connection.
  public boolean isSynchronized() {
    return this != SYN_SENT && this != SYN_RECEIVED && this != CLOSED;
  }
}
