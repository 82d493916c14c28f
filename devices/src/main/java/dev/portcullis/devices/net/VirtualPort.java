package dev.portcullis.devices.net;

/// What a virtual function of a shared card may be on the network.
///
/// @param mac its address, 48 bits; frames for it come to this function
/// @param vlan the virtual LAN it is in, 1 to 4094, which it knows nothing of: its frames get the
///   tag, and lose it again; 0 for frames without tag
/// @param sources which addresses it may send from
public record VirtualPort(long mac, int vlan, Sources sources) {
  private static final int MOST_VLANS = 4094;

  /// Which addresses a function may send from.
  public enum Sources {
    /// Its own.
    OWN,
    /// Any: a bridge behind it has more than one.
    ANY
  }

  public VirtualPort {
    if ((mac & 1L << 40) != 0 || mac >>> 48 != 0 || mac == 0) {
      throw new IllegalArgumentException("no address of one card: %012x".formatted(mac));
    }
    if (vlan < 0 || vlan > MOST_VLANS) {
      throw new IllegalArgumentException("no virtual LAN: " + vlan);
    }
  }

  /// A function without a virtual LAN that sends from its own address.
  public static VirtualPort of(long mac) {
    return new VirtualPort(mac, 0, Sources.OWN);
  }
}
