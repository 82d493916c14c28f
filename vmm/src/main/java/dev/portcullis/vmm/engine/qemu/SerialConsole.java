package dev.portcullis.vmm.engine.qemu;

import dev.portcullis.qemu.run.Console;
import dev.portcullis.vmm.engine.ConsoleLog;
import dev.portcullis.vmm.engine.EngineConsole;
import dev.portcullis.vmm.engine.EngineException;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// The serial console of a partition, through all lives of its guest, and the socket where people
/// attach. Who attaches gets what is kept, then all that comes; who reads too slowly misses some,
/// and holds up nobody.
final class SerialConsole implements EngineConsole, AutoCloseable {
  private static final System.Logger LOG = System.getLogger(SerialConsole.class.getName());
  private static final int KEPT_BYTES = 1 << 20;
  private static final int PIECE_BYTES = 8 << 10;
  private static final int MOST_VIEWERS = 16;

  private final String name;
  private final Path path;
  private final ServerSocketChannel listener;
  private final ConsoleLog log = new ConsoleLog(KEPT_BYTES);
  private final Set<SocketChannel> viewers = ConcurrentHashMap.newKeySet();
  private volatile Optional<Console> machine = Optional.empty();

  private SerialConsole(String name, Path path, ServerSocketChannel listener) {
    this.name = name;
    this.path = path;
    this.listener = listener;
  }

  /// @param name of the partition
  /// @param path of the socket; a file that is there already is replaced
  static SerialConsole open(String name, Path path) throws IOException {
    Files.deleteIfExists(path);
    ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      listener.bind(UnixDomainSocketAddress.of(path));
    } catch (IOException | RuntimeException e) {
      listener.close();
      throw new IOException("cannot listen at " + path + ": " + e.getMessage(), e);
    }
    SerialConsole console = new SerialConsole(name, path, listener);
    Thread.ofVirtual().name(name + " console").start(console::serve);
    return console;
  }

  /// A machine begins, with this console.
  void connect(Console console) {
    machine = Optional.of(console);
    console.listen(log::append);
  }

  /// The machine has ended.
  void disconnect() {
    machine = Optional.empty();
  }

  @Override
  public ConsoleLog log() {
    return log;
  }

  @Override
  public void type(String text) throws EngineException {
    try {
      type(text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new EngineException("partition " + name + " takes nothing: " + e.getMessage(), e);
    }
  }

  private void type(byte[] keys) throws IOException {
    Optional<Console> now = machine;
    if (now.isEmpty()) {
      throw new IOException("it is off");
    }
    now.get().type(keys);
  }

  @Override
  public Optional<Path> socket() {
    return Optional.of(path);
  }

  private void serve() {
    try {
      while (true) {
        SocketChannel viewer = listener.accept();
        if (viewers.size() < MOST_VIEWERS) {
          viewers.add(viewer);
          Thread writer = Thread.ofVirtual().name(name + " viewer").start(() -> show(viewer));
          Thread.ofVirtual().name(name + " keyboard").start(() -> read(viewer, writer));
        } else {
          viewer.close();
        }
      }
    } catch (IOException closed) {
      LOG.log(Level.DEBUG, "console of " + name + " ends", closed);
    }
  }

  private void show(SocketChannel viewer) {
    byte[] piece = new byte[PIECE_BYTES];
    try {
      ConsoleLog.Portion portion = log.read(0, piece);
      while (portion.count() > 0) {
        ByteBuffer bytes = ByteBuffer.wrap(piece, 0, portion.count());
        while (bytes.hasRemaining()) {
          viewer.write(bytes);
        }
        portion = log.read(portion.next(), piece);
      }
    } catch (IOException | InterruptedException detached) {
      LOG.log(Level.DEBUG, "viewer of " + name + " detached", detached);
    } finally {
      detach(viewer);
    }
  }

  private void read(SocketChannel viewer, Thread writer) {
    ByteBuffer keys = ByteBuffer.allocate(PIECE_BYTES);
    try {
      while (viewer.read(keys) >= 0) {
        typeIfOn(Arrays.copyOf(keys.array(), keys.position()));
        keys.clear();
      }
    } catch (IOException detached) {
      LOG.log(Level.DEBUG, "viewer of " + name + " detached", detached);
    } finally {
      writer.interrupt();
      detach(viewer);
    }
  }

  /// Keys for a machine that is off are lost, and the viewer stays.
  private void typeIfOn(byte[] keys) {
    try {
      type(keys);
    } catch (IOException off) {
      LOG.log(Level.DEBUG, "keys for " + name + " are lost", off);
    }
  }

  private void detach(SocketChannel viewer) {
    viewers.remove(viewer);
    close(viewer);
  }

  private static void close(AutoCloseable one) {
    try {
      one.close();
    } catch (Exception e) {
      LOG.log(Level.DEBUG, "cannot close", e);
    }
  }

  @Override
  public void close() {
    disconnect();
    close(listener);
    log.close();
    viewers.forEach(SerialConsole::close);
    path.toFile().delete();
  }
}
