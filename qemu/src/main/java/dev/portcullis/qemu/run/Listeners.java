package dev.portcullis.qemu.run;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// Sockets that wait for QEMU to connect. We listen and QEMU connects, so nothing is ever polled
/// for, and no byte is written before somebody reads.
final class Listeners implements AutoCloseable {

  private final Selector selector;
  private final List<ServerSocketChannel> listeners = new ArrayList<>();

  Listeners(Path folder, List<String> names) throws IOException {
    selector = Selector.open();
    for (String name : names) {
      var listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
      listeners.add(listener);
      listener.bind(UnixDomainSocketAddress.of(folder.resolve(name)));
      listener.configureBlocking(false);
      listener.register(selector, SelectionKey.OP_ACCEPT, name);
    }
  }

  /// Waits until the process has connected to every socket.
  ///
  /// @throws QemuException if it ends before, or takes longer than `limit`
  Map<String, SocketChannel> acceptAll(Process process, Duration limit)
      throws IOException, QemuException, InterruptedException {
    process.onExit().thenRun(selector::wakeup);
    long deadlineNanos = System.nanoTime() + limit.toNanos();
    var accepted = new HashMap<String, SocketChannel>();
    while (accepted.size() < listeners.size()) {
      long leftMillis = TimeUnit.NANOSECONDS.toMillis(deadlineNanos - System.nanoTime());
      if (leftMillis <= 0) {
        throw new QemuException("QEMU did not start within %d s".formatted(limit.toSeconds()));
      }
      selector.select(key -> accept(key, accepted), leftMillis);
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      if (!process.isAlive()) {
        throw new QemuException("QEMU ended with code " + process.waitFor());
      }
    }
    return accepted;
  }

  @Override
  public void close() throws IOException {
    selector.close();
    for (ServerSocketChannel listener : listeners) {
      listener.close();
    }
  }

  private static void accept(SelectionKey key, Map<String, SocketChannel> accepted) {
    try {
      SocketChannel socket = ((ServerSocketChannel) key.channel()).accept();
      if (socket != null) {
        accepted.put((String) key.attachment(), socket);
        key.cancel();
      }
    } catch (IOException gone) {
      key.cancel();
    }
  }
}
