package dev.portcullis.vfiouser.wire;

import dev.portcullis.linux.Errno;

/// What the peer did wrong. Caught once, where the message came from.
public final class ProtocolException extends Exception {
  private static final long serialVersionUID = 1;

  private final Errno errno;
  private final Consequence consequence;

  /// What follows.
  public enum Consequence {
    /// An error reply; the connection goes on.
    REFUSE,
    /// An error reply, then the connection ends.
    REFUSE_AND_CLOSE,
    /// The connection ends: after this nothing that comes can be trusted to begin a message.
    CLOSE
  }

  private ProtocolException(Errno errno, Consequence consequence, String message) {
    // No stack trace: a peer can make as many of these as it likes.
    super(message, null, false, false);
    this.errno = errno;
    this.consequence = consequence;
  }

  /// A message that makes no sense or asks for what cannot be.
  public static ProtocolException refused(Errno errno, String message) {
    return new ProtocolException(errno, Consequence.REFUSE, message);
  }

  /// A handshake that cannot succeed.
  public static ProtocolException unacceptable(Errno errno, String message) {
    return new ProtocolException(errno, Consequence.REFUSE_AND_CLOSE, message);
  }

  /// A stream that has lost its framing, or a peer that breaks the rules of the conversation.
  public static ProtocolException broken(String message) {
    return new ProtocolException(Errno.EPROTO, Consequence.CLOSE, message);
  }

  public Errno errno() {
    return errno;
  }

  public Consequence consequence() {
    return consequence;
  }
}
