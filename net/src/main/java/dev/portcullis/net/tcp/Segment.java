package dev.portcullis.net.tcp;

import dev.portcullis.net.packet.TcpFlags;
import java.nio.ByteBuffer;
import java.util.Arrays;

/// A TCP segment without its ports and checksum.
///
/// ```
///  0            4            8              12          14       16         18       20
///  +-----+------+------------+--------------+----+------+--------+----------+--------+--------
///  | from| to   | sequence   | acknowledged |len |flags | window | checksum | urgent | options
///  +-----+------+------------+--------------+----+------+--------+----------+--------+--------
/// ```
///
/// @param window as it stands in the header, not scaled
/// @param mssBytes the longest data that the sender of this takes, or [#ABSENT]
/// @param windowShift how the sender of this scales its windows, or [#ABSENT]
public record Segment(
    int sequence,
    int acknowledgement,
    int flags,
    int window,
    int mssBytes,
    int windowShift,
    byte[] data) {
  public static final int ABSENT = -1;
  public static final int HEADER_BYTES = 20;
  private static final byte[] NONE = {};

  private static final int END_OF_OPTIONS = 0;
  private static final int NO_OPERATION = 1;
  private static final int MSS = 2;
  private static final int WINDOW_SCALE = 3;

  /// A segment without options and data.
  static Segment bare(int sequence, int acknowledgement, int flags, int window) {
    return new Segment(sequence, acknowledgement, flags, window, ABSENT, ABSENT, NONE);
  }

  /// The segment at `at` in `bytes`, whose data ends at `end`; its header is known to be whole.
  /// Options that make no sense end the options.
  public static Segment decode(byte[] bytes, int at, int end) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    int dataAt = at + (bytes[at + 12] >> 4 & 0xf) * 4;
    int mss = ABSENT;
    int shift = ABSENT;
    int option = at + HEADER_BYTES;
    while (option < dataAt && bytes[option] != END_OF_OPTIONS) {
      if (bytes[option] == NO_OPERATION) {
        option++;
        continue;
      }
      int length = option + 1 < dataAt ? bytes[option + 1] & 0xff : 0;
      if (length < 2 || option + length > dataAt) {
        break;
      }
      if (bytes[option] == MSS && length == 4) {
        mss = in.getShort(option + 2) & 0xffff;
      } else if (bytes[option] == WINDOW_SCALE && length == 3) {
        shift = bytes[option + 2] & 0xff;
      }
      option += length;
    }
    return new Segment(
        in.getInt(at + 4),
        in.getInt(at + 8),
        bytes[at + 13] & 0xff,
        in.getShort(at + 14) & 0xffff,
        mss,
        shift,
        Arrays.copyOfRange(bytes, dataAt, end));
  }

  /// Bytes of it in a packet.
  public int bytes() {
    return headerBytes() + data.length;
  }

  private int headerBytes() {
    return HEADER_BYTES + (mssBytes == ABSENT ? 0 : 4) + (windowShift == ABSENT ? 0 : 4);
  }

  /// Appends it to `out`, its checksum 0.
  public void encode(ByteBuffer out, int fromPort, int toPort) {
    out.putShort((short) fromPort).putShort((short) toPort);
    out.putInt(sequence).putInt(acknowledgement);
    out.put((byte) (headerBytes() / 4 << 4)).put((byte) flags);
    out.putShort((short) window).putInt(0);
    if (mssBytes != ABSENT) {
      out.put((byte) MSS).put((byte) 4).putShort((short) mssBytes);
    }
    if (windowShift != ABSENT) {
      out.put((byte) NO_OPERATION).put((byte) WINDOW_SCALE).put((byte) 3).put((byte) windowShift);
    }
    out.put(data);
  }

  /// Whether it has any of `flags`.
  public boolean has(int any) {
    return (flags & any) != 0;
  }

  /// What it takes of the sequence space: its data, and one each for SYN and FIN.
  int length() {
    return data.length + (has(TcpFlags.SYN) ? 1 : 0) + (has(TcpFlags.FIN) ? 1 : 0);
  }

  /// What answers this where there is no connection (RFC 9293, 3.10.7.1); never for a reset.
  public Segment refusal() {
    return has(TcpFlags.ACK)
        ? bare(acknowledgement, 0, TcpFlags.RST, 0)
        : bare(0, sequence + length(), TcpFlags.RST | TcpFlags.ACK, 0);
  }
}
