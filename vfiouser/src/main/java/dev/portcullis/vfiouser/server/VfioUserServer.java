package dev.portcullis.vfiouser.server;

import dev.portcullis.linux.LinuxException;
import dev.portcullis.linux.NativeBuffer;
import dev.portcullis.linux.UnixListener;
import dev.portcullis.linux.UnixSocket;
import dev.portcullis.pci.IntxLine;
import dev.portcullis.vfiouser.transport.Inbox;
import dev.portcullis.vfiouser.wire.IrqIndex;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// Serves one PCI function at one Unix socket, to one client at a time.
///
/// When a client leaves, its memory and its events go with it and the function keeps its state; the
/// next client finds it as it was left. Everything the function sees of a client (configuration and
/// window accesses, resets) happens on one thread, which nothing the client does can end.
///
/// That thread must not wait for the client. So a function that does DMA from inside an access gets
/// an abort for memory that came without a descriptor; from a thread of its own it waits.
public final class VfioUserServer implements AutoCloseable {
  private static final Logger LOG = System.getLogger("dev.portcullis.vfiouser");
  private static final long RETRY_NANOS = 100_000_000;

  private final UnixListener listener;
  private final Endpoint endpoint;
  private final IrqEvents events = new IrqEvents();
  private final Thread thread;
  private volatile Session session;
  private volatile boolean closed;

  private VfioUserServer(UnixListener listener, Endpoint endpoint) {
    this.listener = listener;
    this.endpoint = endpoint;
    thread =
        Thread.ofPlatform()
            .daemon()
            .name("vfio-user " + endpoint.requester())
            .unstarted(this::serve);
  }

  /// Begins to serve at `socket`. A socket file that a crashed server has left is replaced.
  ///
  /// @throws LinuxException EADDRINUSE if somebody serves there; ENOENT if the folder does not
  ///   exist
  public static VfioUserServer listen(Path socket, Endpoint endpoint) throws LinuxException {
    VfioUserServer server = new VfioUserServer(UnixListener.at(socket), endpoint);
    server.thread.start();
    return server;
  }

  /// Where clients connect.
  public Path socket() {
    return listener.path();
  }

  /// Sends the doubleword `data` to `address` as a write of the device: an interrupt message, which
  /// has passed the remapping unit already. Waits for nothing.
  ///
  /// @return whether there is a client to take it
  public boolean postMessage(long address, int data) {
    Session now = session;
    return now != null && now.post(address, data);
  }

  /// Signals an interrupt by the event the client has given for it.
  ///
  /// @param number from 0, in the type
  /// @return whether it has given one
  public boolean signal(IrqIndex index, int number) {
    return events.signal(index, number);
  }

  /// Where the function's interrupt pin leads.
  public IntxLine intx() {
    return events;
  }

  /// Whether there is a client now.
  public boolean isConnected() {
    return session != null;
  }

  private void serve() {
    NativeBuffer in = NativeBuffer.allocate(Inbox.CAPACITY_BYTES);
    NativeBuffer reply = NativeBuffer.allocate(Session.REPLY_BYTES);
    while (!closed) {
      UnixSocket client = accept();
      if (client != null) {
        Session next = new Session(client, endpoint, events, in, reply);
        session = next;
        if (closed) {
          next.end();
        }
        next.run(() -> session = null);
      }
    }
  }

  private UnixSocket accept() {
    try {
      return listener.accept();
    } catch (LinuxException e) {
      if (!closed) {
        // No descriptors left, say. The client waits in the queue.
        LOG.log(Level.WARNING, "vfio-user " + endpoint.requester() + ": " + e.getMessage());
        LockSupport.parkNanos(RETRY_NANOS);
      }
      return null;
    }
  }

  /// Sends the client away and stops serving. The function remains.
  @Override
  public void close() {
    closed = true;
    listener.close();
    Session now = session;
    if (now != null) {
      now.end();
    }
    try {
      thread.join(TimeUnit.SECONDS.toMillis(10));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
