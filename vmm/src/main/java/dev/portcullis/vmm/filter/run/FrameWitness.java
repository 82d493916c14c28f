package dev.portcullis.vmm.filter.run;

import dev.portcullis.net.packet.Packet;

/// Sees frames that come to a bridge, whatever becomes of them.
public interface FrameWitness {

  /// Called on the thread that brings the frame; must not wait, and does a bounded amount of work.
  ///
  /// @param in the port it came in by
  void saw(Packet packet, String in);
}
