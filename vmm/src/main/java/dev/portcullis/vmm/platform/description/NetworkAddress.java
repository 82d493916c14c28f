package dev.portcullis.vmm.platform.description;

import dev.portcullis.net.packet.Ipv4Address;

/// An IPv4 address, and how long the prefix of its network is.
///
/// @param prefixBits 0 to 32
public record NetworkAddress(Ipv4Address address, int prefixBits) {

  /// Reads `10.9.0.2/24`.
  ///
  /// @throws IllegalArgumentException if `text` is none
  public static NetworkAddress parse(String text) {
    int slash = text.indexOf('/');
    try {
      int bits = Integer.parseInt(text.substring(slash + 1));
      if (slash >= 0 && bits >= 0 && bits <= 32) {
        return new NetworkAddress(Ipv4Address.parse(text.substring(0, slash)), bits);
      }
    } catch (IllegalArgumentException e) {
      throw refusal(text, e);
    }
    throw refusal(text, null);
  }

  private static IllegalArgumentException refusal(String text, Throwable cause) {
    return new IllegalArgumentException(
        "\"" + text + "\" is not an address with its prefix, such as 10.9.0.2/24", cause);
  }

  @Override
  public String toString() {
    return address + "/" + prefixBits;
  }
}
