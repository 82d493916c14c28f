package dev.portcullis.net.packet;

/// The flags of a TCP header, as they stand in its byte 13.
public final class TcpFlags {
  public static final int FIN = 0x01;
  public static final int SYN = 0x02;
  public static final int RST = 0x04;
  public static final int PSH = 0x08;
  public static final int ACK = 0x10;
  public static final int URG = 0x20;
  public static final int ECN = 0x40;
  public static final int CWR = 0x80;

  private TcpFlags() {}
}
