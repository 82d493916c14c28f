package dev.portcullis.vfiouser.wire;

import dev.portcullis.linux.Errno;
import java.lang.foreign.MemorySegment;

/// What every message begins with.
///
/// ```
///   0  message id   16 bits   the sender's own; echoed in the reply
///   2  command      16 bits
///   4  size         32 bits   of the whole message
///   8  flags        32 bits   [3:0] type, [4] no reply wanted, [5] error
///  12  error        32 bits   errno, in a reply whose error flag is set
/// ```
///
/// @param id 0 to 65535
/// @param command number, also one nobody knows
/// @param sizeBytes 0 to 2^32 - 1, this header included
/// @param flags as they stand
/// @param error as it stands
/// @vfiouser 0 Header
public record Header(int id, int command, long sizeBytes, int flags, int error) {
  public static final int BYTES = 16;

  private static final int TYPE = 0xf;
  private static final int COMMAND = 0;
  private static final int REPLY = 1;
  private static final int NO_REPLY = 1 << 4;
  private static final int ERROR = 1 << 5;

  /// Whether the sender of a command waits for an answer.
  public enum Answer {
    WANTED,
    UNWANTED
  }

  /// The header of a command with a payload of that length.
  public static Header command(int id, Command command, long payloadBytes, Answer answer) {
    return new Header(
        id,
        command.number(),
        BYTES + payloadBytes,
        COMMAND | (answer == Answer.UNWANTED ? NO_REPLY : 0),
        0);
  }

  /// The header of the reply to this command.
  public Header reply(long payloadBytes) {
    return new Header(id, command, BYTES + payloadBytes, REPLY, 0);
  }

  /// The header, and whole, of the reply that says why not.
  public Header refusal(Errno errno) {
    return new Header(id, command, BYTES, REPLY | ERROR, errno.number());
  }

  public static Header decode(MemorySegment from, long at) {
    return new Header(
        Wire.u16(from, at),
        Wire.u16(from, at + 2),
        Wire.u32(from, at + 4),
        Wire.i32(from, at + 8),
        Wire.i32(from, at + 12));
  }

  public void encode(MemorySegment into, long at) {
    Wire.put16(into, at, id);
    Wire.put16(into, at + 2, command);
    Wire.put32(into, at + 4, sizeBytes);
    Wire.put32(into, at + 8, flags);
    Wire.put32(into, at + 12, error);
  }

  /// Holds the header to what can be told without knowing the command.
  ///
  /// @throws ProtocolException if the stream has no meaning from here on
  public void check() throws ProtocolException {
    if (sizeBytes < BYTES) {
      throw ProtocolException.broken("message of " + sizeBytes + " bytes, shorter than its header");
    }
    if (sizeBytes > Wire.MAX_MESSAGE_BYTES) {
      throw ProtocolException.broken("message of " + sizeBytes + " bytes, longer than agreed");
    }
    if ((flags & TYPE) > REPLY) {
      throw ProtocolException.broken("message of type " + (flags & TYPE));
    }
  }

  public boolean isReply() {
    return (flags & TYPE) == REPLY;
  }

  public boolean isError() {
    return (flags & ERROR) != 0;
  }

  public boolean wantsReply() {
    return (flags & NO_REPLY) == 0;
  }

  public long payloadBytes() {
    return sizeBytes - BYTES;
  }
}
