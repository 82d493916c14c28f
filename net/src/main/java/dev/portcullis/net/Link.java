package dev.portcullis.net;

import java.util.function.Consumer;

/// One end of a wire, as what is plugged in there sees it. Frames are Ethernet frames from the
/// destination address on, without preamble and checksum; nobody changes one after it was sent.
public interface Link {
  /// Says where frames that come out of the wire go; from any thread, and it must not block.
  void connect(Consumer<byte[]> receiver);

  /// Sends a frame. Returns at once; what comes back for it may have been received by then.
  void send(byte[] frame);
}
