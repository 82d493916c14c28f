package dev.portcullis.vmm.filter.rule;

/// How a sender is told that its frame was rejected.
public enum RejectWith {
  PORT_UNREACHABLE("icmpx port-unreachable", 3, 4),
  ADMIN_PROHIBITED("icmpx admin-prohibited", 13, 1),
  HOST_UNREACHABLE("icmpx host-unreachable", 1, 3),
  NO_ROUTE("icmpx no-route", 0, 0),
  /// With a segment that resets the connection; what is not TCP is dropped without a word.
  TCP_RESET("tcp reset", 0, 0);

  private final String words;
  private final int icmpCode;
  private final int icmpv6Code;

  RejectWith(String words, int icmpCode, int icmpv6Code) {
    this.words = words;
    this.icmpCode = icmpCode;
    this.icmpv6Code = icmpv6Code;
  }

  /// As rulesets call it.
  public String words() {
    return words;
  }

  /// The code of the message "destination unreachable" of ICMP.
  public int icmpCode() {
    return icmpCode;
  }

  /// The code of the message "destination unreachable" of ICMPv6.
  public int icmpv6Code() {
    return icmpv6Code;
  }
}
