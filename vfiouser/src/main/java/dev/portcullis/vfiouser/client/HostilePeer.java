package dev.portcullis.vfiouser.client;

import dev.portcullis.linux.Descriptor;
import dev.portcullis.linux.Errno;
import dev.portcullis.linux.LinuxException;
import dev.portcullis.linux.NativeBuffer;
import dev.portcullis.linux.UnixSocket;
import dev.portcullis.vfiouser.wire.Header;
import dev.portcullis.vfiouser.wire.Wire;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// A peer that keeps no rules: it sends any bytes with any descriptors, and looks at what comes
/// back.
public final class HostilePeer implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final UnixSocket socket;
  private final NativeBuffer out = NativeBuffer.allocate(2L * Wire.MAX_MESSAGE_BYTES);
  private final NativeBuffer in = NativeBuffer.allocate(Wire.MAX_MESSAGE_BYTES);

  public HostilePeer(Path path) throws LinuxException {
    socket = UnixSocket.connect(path);
    socket.receiveLimit(PATIENCE);
  }

  /// Sends bytes, whatever they are.
  public void send(byte[] bytes, List<Descriptor> descriptors) throws LinuxException {
    MemorySegment.copy(bytes, 0, out.bytes(), ValueLayout.JAVA_BYTE, 0, bytes.length);
    socket.send(out, 0, bytes.length, descriptors);
  }

  /// Waits for the next message.
  ///
  /// @return its header; `null` if the connection has ended
  public Header receive() throws LinuxException {
    if (!fill(0, Header.BYTES)) {
      return null;
    }
    Header header = Header.decode(in.bytes(), 0);
    return fill(Header.BYTES, header.sizeBytes()) ? header : null;
  }

  /// The payload of the message that came last.
  public MemorySegment payload() {
    return in.bytes().asSlice(Header.BYTES);
  }

  private boolean fill(long from, long to) throws LinuxException {
    long have = from;
    while (have < to) {
      long came;
      try {
        came = socket.receive(in, have, to - have, new ArrayList<>());
      } catch (LinuxException e) {
        if (e.errno() != Errno.ECONNRESET) {
          throw e;
        }
        came = 0;
      }
      if (came == 0) {
        return false;
      }
      have += came;
    }
    return true;
  }

  @Override
  public void close() {
    socket.close();
  }
}
