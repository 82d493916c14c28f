package dev.portcullis.vmm.filter;

import dev.portcullis.net.packet.Packet;

/// Who judges frames.
public interface Inspector {
  /// Takes a frame up; from any thread.
  ///
  /// @param in the port it came in by
  /// @param vlanId the virtual LAN it belongs to, tagged or not
  Inspection inspect(Packet packet, String in, int vlanId);
}
