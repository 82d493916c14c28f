package dev.portcullis.management.redfish;

import dev.portcullis.management.account.AccountException;
import dev.portcullis.management.account.Accounts;
import dev.portcullis.management.account.Sessions;
import dev.portcullis.vmm.platform.RunningPlatform;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;

/// Offers the consoles of partitions as WebSockets over TLS: `SerialConsole.WebSocket` of a system
/// says where. Each connection has a thread of its own; a slow one holds up nobody else.
final class SerialConsoles implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(SerialConsoles.class.getName());
  private static final int MOST = 64;
  private static final int BACKLOG = 16;

  private final RunningPlatform platform;
  private final Accounts accounts;
  private final Sessions sessions;
  private final SSLServerSocket listening;
  private final Semaphore room = new Semaphore(MOST);
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();

  private SerialConsoles(
      RunningPlatform platform, Accounts accounts, Sessions sessions, SSLServerSocket listening) {
    this.platform = platform;
    this.accounts = accounts;
    this.sessions = sessions;
    this.listening = listening;
  }

  /// Begins to listen.
  ///
  /// @throws AccountException if the address cannot be had
  static SerialConsoles start(
      InetSocketAddress address,
      SSLContext context,
      RunningPlatform platform,
      Accounts accounts,
      Sessions sessions)
      throws AccountException {
    try {
      SSLServerSocket listening =
          (SSLServerSocket)
              context
                  .getServerSocketFactory()
                  .createServerSocket(address.getPort(), BACKLOG, address.getAddress());
      listening.setEnabledProtocols(new String[] {"TLSv1.3", "TLSv1.2"});
      SerialConsoles consoles = new SerialConsoles(platform, accounts, sessions, listening);
      Thread.ofPlatform().daemon().name("serial consoles").start(consoles::accept);
      return consoles;
    } catch (IOException e) {
      throw new AccountException(
          "redfish: consoles: cannot listen at %s: %s".formatted(address, e.getMessage()), e);
    }
  }

  /// Where it listens.
  InetSocketAddress address() {
    return (InetSocketAddress) listening.getLocalSocketAddress();
  }

  private void accept() {
    while (!listening.isClosed()) {
      try {
        Socket socket = listening.accept();
        if (room.tryAcquire()) {
          open.add(socket);
          Thread.ofVirtual().name("serial console").start(() -> serve(socket));
        } else {
          socket.close();
        }
      } catch (IOException failed) {
        LOG.log(Level.DEBUG, "no console", failed);
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      new SerialConsole(platform, accounts, sessions, socket).serve();
    } catch (IOException | RuntimeException | AccountException left) {
      LOG.log(Level.DEBUG, "a console was left", left);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      open.remove(socket);
      room.release();
    }
  }

  @Override
  public void close() {
    close(listening);
    open.forEach(SerialConsoles::close);
  }

  private static void close(AutoCloseable one) {
    try {
      one.close();
    } catch (Exception failed) {
      LOG.log(Level.DEBUG, "not closed", failed);
    }
  }
}
