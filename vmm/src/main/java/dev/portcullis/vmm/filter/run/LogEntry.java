package dev.portcullis.vmm.filter.run;

import dev.portcullis.net.packet.Packet;
import dev.portcullis.vmm.filter.Hook;

/// A frame that a rule tells the log.
///
/// @param prefix what the rule says; may be empty
/// @param out the port it is about to leave by; empty where nobody knows yet
public record LogEntry(String prefix, Hook hook, String in, String out, int vlanId, Packet packet) {

  /// One line for people.
  @Override
  public String toString() {
    String to = out.isEmpty() ? "" : " oif=" + out;
    return "%s%s iif=%s%s vlan=%d %s".formatted(prefix, hook.word(), in, to, vlanId, packet);
  }
}
