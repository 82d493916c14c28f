package dev.portcullis.vmm.bridge;

import dev.portcullis.vmm.filter.Decision;

/// Why a bridge does not forward a frame, or a copy of one.
public enum DropReason {
  /// Shorter than its header and tag.
  TOO_SHORT("shorter than an Ethernet header"),
  TOO_LONG("too long"),
  /// Sent by a group, or by nobody.
  INVALID_SOURCE("sent by a group address, or by none"),
  /// To an address that concerns the two ends of a wire, `01-80-C2-00-00-0x`.
  LINK_LOCAL("for the wire alone"),
  /// Of a virtual LAN that the port is not in.
  VLAN("of a virtual LAN that the port is not in"),
  FILTERED("dropped by a rule or policy"),
  REJECTED("rejected by a rule"),
  NO_RULES("there are no rules"),
  TOO_MANY_CONNECTIONS("opens a connection too many"),
  FILTER_FAILED("could not be judged"),
  /// To a station on the side that it came from.
  SAME_PORT("already on the right side"),
  /// No other port takes it.
  NO_PORT("no port takes it"),
  /// Too many frames were sent in answer to frames, without end in sight.
  STORM("one answer too many"),
  /// What is plugged into the port threw it away.
  LINK_FAILED("the link failed");

  private final String words;

  DropReason(String words) {
    this.words = words;
  }

  /// For people.
  public String words() {
    return words;
  }

  /// Of a frame that the rules do not let pass.
  static DropReason of(Decision decision) {
    return switch (decision) {
      case ACCEPT -> throw new IllegalArgumentException("accepted");
      case DROP -> FILTERED;
      case REJECT -> REJECTED;
      case NO_RULES -> NO_RULES;
      case TOO_MANY_CONNECTIONS -> TOO_MANY_CONNECTIONS;
      case FAILED -> FILTER_FAILED;
    };
  }
}
