package dev.portcullis.devices.wire;

import java.util.function.Consumer;

/// What a network card's socket leads to. Frames are Ethernet frames from the destination address
/// on, without preamble and checksum; nobody changes one after it was sent.
public interface Wire {
  /// Says where frames that come out of the wire go; from any thread, and it must not block.
  void connect(Consumer<byte[]> receiver);

  /// Sends a frame. Returns at once; what comes back for it may have been received by then.
  void send(byte[] frame);
}
