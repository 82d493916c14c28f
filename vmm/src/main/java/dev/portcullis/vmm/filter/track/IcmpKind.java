package dev.portcullis.vmm.filter.track;

/// What a message of ICMP or ICMPv6 is for.
enum IcmpKind {
  REQUEST,
  REPLY,
  ERROR,
  /// How IPv6 finds its neighbours and routers: nobody opens a connection for that.
  NEIGHBOURHOOD,
  OTHER;

  static IcmpKind of(int type, boolean six) {
    return six ? ofVersion6(type) : ofVersion4(type);
  }

  private static IcmpKind ofVersion4(int type) {
    return switch (type) {
      case 8 -> REQUEST;
      case 0 -> REPLY;
      case 3, 4, 11, 12 -> ERROR;
      default -> OTHER;
    };
  }

  private static IcmpKind ofVersion6(int type) {
    return switch (type) {
      case 128 -> REQUEST;
      case 129 -> REPLY;
      case 1, 2, 3, 4 -> ERROR;
      case 130, 131, 132, 133, 134, 135, 136, 137, 143 -> NEIGHBOURHOOD;
      default -> OTHER;
    };
  }
}
