package dev.portcullis.net.packet;

/// What the protocol field of IPv4 and the last next-header field of IPv6 hold.
public final class Protocol {
  public static final int ICMP = 1;
  public static final int TCP = 6;
  public static final int UDP = 17;
  public static final int ICMPV6 = 58;

  private Protocol() {}
}
