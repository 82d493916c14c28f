package dev.portcullis.vmm.filter.text;

import dev.portcullis.net.packet.TcpFlags;
import java.util.Locale;
import java.util.StringJoiner;

/// How TCP flags are written.
enum Flag {
  FIN(TcpFlags.FIN),
  SYN(TcpFlags.SYN),
  RST(TcpFlags.RST),
  PSH(TcpFlags.PSH),
  ACK(TcpFlags.ACK),
  URG(TcpFlags.URG),
  ECN(TcpFlags.ECN),
  CWR(TcpFlags.CWR);

  private final int bit;

  Flag(int bit) {
    this.bit = bit;
  }

  int bit() {
    return bit;
  }

  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// The flags of a mask.
  static String print(int mask, String between) {
    StringJoiner words = new StringJoiner(between);
    for (Flag flag : values()) {
      if ((mask & flag.bit) != 0) {
        words.add(flag.word());
      }
    }
    return words.toString();
  }
}
