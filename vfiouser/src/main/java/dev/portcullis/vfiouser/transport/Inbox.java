package dev.portcullis.vfiouser.transport;

import dev.portcullis.linux.Descriptor;
import dev.portcullis.linux.Errno;
import dev.portcullis.linux.LinuxException;
import dev.portcullis.linux.NativeBuffer;
import dev.portcullis.linux.UnixSocket;
import dev.portcullis.vfiouser.wire.Header;
import dev.portcullis.vfiouser.wire.ProtocolException;
import dev.portcullis.vfiouser.wire.Wire;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/// Cuts the stream from the peer into messages. Used by one thread. One receive may bring several
/// messages; a message may take several receives.
///
/// Descriptors belong to the message that holds the last byte of the receive that brought them: the
/// kernel ends a receive there. Those nobody takes are closed when the next message is asked for.
public final class Inbox {
  /// A whole message and then some, so that small messages are rarely moved.
  public static final int CAPACITY_BYTES = Wire.MAX_MESSAGE_BYTES + (64 << 10);

  private final UnixSocket socket;
  private final NativeBuffer buffer;
  private final MemorySegment bytes;
  private final long patienceNanos;

  private final ArrayDeque<Arrival> arrivals = new ArrayDeque<>();
  private final List<Descriptor> justCame = new ArrayList<>();
  private final List<Descriptor> descriptors = new ArrayList<>();

  /// The current message lies in `[start, start + header.sizeBytes())`, what has come in `[start,
  /// limit)`; byte 0 of the buffer is byte `base` of the stream.
  private long start;

  private long limit;
  private long base;
  private Header header;

  /// When the peer must have said what it began to say; 0 while it may be silent.
  private long deadline;

  /// A descriptor, and where in the stream the receive ended that brought it.
  private record Arrival(long lastByte, Descriptor descriptor) {}

  /// @param socket with a receive limit, or a peer that stops in a message is never found out
  /// @param buffer [#CAPACITY_BYTES] long
  /// @param patience how long a message may take, and the first one from now on
  public Inbox(UnixSocket socket, NativeBuffer buffer, Duration patience) {
    this.socket = socket;
    this.buffer = buffer;
    this.bytes = buffer.bytes();
    this.patienceNanos = patience.toNanos();
    expectSoon();
  }

  /// From now on the peer must complete a message within the limit. Ends with the next message.
  private void expectSoon() {
    deadline = System.nanoTime() + patienceNanos;
    if (deadline == 0) {
      deadline = 1;
    }
  }

  /// Waits for the next message and makes it the current one.
  ///
  /// @return its header, `null` when the peer has closed after its last message
  /// @throws ProtocolException if what comes is no message, or not soon enough
  public Header next() throws ProtocolException, LinuxException {
    dropCurrent();
    while (!isComplete()) {
      if (limit > start) {
        // What has come in time counts, however late we are to look at it.
        if (deadline == 0) {
          expectSoon();
        }
        checkDeadline();
      }
      if (!receive()) {
        if (limit > start) {
          throw ProtocolException.broken("connection ended in the middle of a message");
        }
        return null;
      }
    }
    deadline = 0;
    assignDescriptors(base + start + header.sizeBytes());
    return header;
  }

  private boolean isComplete() throws ProtocolException {
    if (header == null && limit - start >= Header.BYTES) {
      header = Header.decode(bytes, start);
      header.check();
    }
    return header != null && limit - start >= header.sizeBytes();
  }

  private void dropCurrent() {
    if (header != null) {
      start += header.sizeBytes();
      header = null;
      if (start == limit) {
        base += limit;
        start = 0;
        limit = 0;
      }
    }
    closeAll(descriptors);
  }

  /// Receives at least one byte, however long that takes if the peer may be silent.
  ///
  /// @return whether there was one before the end
  private boolean receive() throws ProtocolException, LinuxException {
    if (CAPACITY_BYTES - start < Wire.MAX_MESSAGE_BYTES) {
      MemorySegment.copy(bytes, start, bytes, 0, limit - start);
      base += start;
      limit -= start;
      start = 0;
    }
    while (true) {
      try {
        long received = socket.receive(buffer, limit, CAPACITY_BYTES - limit, justCame);
        limit += received;
        keepDescriptors();
        return received > 0;
      } catch (LinuxException e) {
        if (e.errno() != Errno.EAGAIN) {
          throw e;
        }
        checkDeadline();
      }
    }
  }

  private void checkDeadline() throws ProtocolException {
    if (deadline != 0 && System.nanoTime() - deadline > 0) {
      throw ProtocolException.broken("peer keeps us waiting for the rest of a message");
    }
  }

  private void keepDescriptors() throws ProtocolException {
    for (Descriptor one : justCame) {
      arrivals.add(new Arrival(base + limit - 1, one));
    }
    justCame.clear();
    if (arrivals.size() > 2 * Wire.MAX_DESCRIPTORS) {
      throw ProtocolException.broken("more descriptors than a message may carry");
    }
  }

  private void assignDescriptors(long endOfMessage) throws ProtocolException {
    while (!arrivals.isEmpty() && arrivals.peek().lastByte() < endOfMessage) {
      descriptors.add(arrivals.poll().descriptor());
    }
    if (descriptors.size() > Wire.MAX_DESCRIPTORS) {
      throw ProtocolException.broken("more descriptors than a message may carry");
    }
  }

  /// Where the bytes are.
  public MemorySegment bytes() {
    return bytes;
  }

  /// Where the payload of the current message begins.
  public long payloadAt() {
    return start + Header.BYTES;
  }

  /// The descriptors of the current message. Whoever keeps one takes it out of the list.
  public List<Descriptor> descriptors() {
    return descriptors;
  }

  /// Closes every descriptor nobody took.
  public void close() {
    closeAll(descriptors);
    closeAll(justCame);
    arrivals.forEach(arrival -> arrival.descriptor().close());
    arrivals.clear();
  }

  private static void closeAll(List<Descriptor> some) {
    some.forEach(Descriptor::close);
    some.clear();
  }
}
