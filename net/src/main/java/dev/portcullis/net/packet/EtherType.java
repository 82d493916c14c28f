package dev.portcullis.net.packet;

/// What type fields of Ethernet frames hold.
public final class EtherType {
  public static final int IPV4 = 0x0800;
  public static final int ARP = 0x0806;
  public static final int IPV6 = 0x86dd;

  /// The tag of a virtual LAN: 802.1Q.
  public static final int VLAN = 0x8100;

  /// The outer one of two tags: 802.1ad.
  public static final int SERVICE_VLAN = 0x88a8;

  /// Below this a type field is a length.
  public static final int LOWEST = 0x600;

  private EtherType() {}

  /// Whether a tag follows the type field.
  public static boolean isTag(int type) {
    return type == VLAN || type == SERVICE_VLAN;
  }
}
