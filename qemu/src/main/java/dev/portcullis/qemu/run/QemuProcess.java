package dev.portcullis.qemu.run;

import dev.portcullis.qemu.install.QemuInstallation;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/// A running QEMU.
///
/// It never outlives this process: closing kills it, so does the end of the JVM, and a QEMU of
/// version 10.2 or later ends even when the JVM is killed.
public final class QemuProcess implements AutoCloseable {

  private static final System.Logger LOG = System.getLogger(QemuProcess.class.getName());

  private static final String MESSAGES = "messages";
  private static final Duration START_LIMIT = Duration.ofSeconds(30);
  private static final Duration LAST_WORDS_LIMIT = Duration.ofSeconds(1);
  private static final Duration KILL_LIMIT = Duration.ofSeconds(10);

  private final Path folder;
  private final Process process;
  private final Map<String, SocketChannel> sockets;
  private final Optional<Console> console;
  private final Qmp qmp;

  private QemuProcess(Path folder, Process process, Map<String, SocketChannel> sockets, Qmp qmp) {
    this.folder = folder;
    this.process = process;
    this.sockets = sockets;
    this.qmp = qmp;
    this.console =
        Optional.ofNullable(sockets.get("console"))
            .map(socket ->
                new Console(Channels.newInputStream(socket), Channels.newOutputStream(socket)));
  }

  /// Starts a machine and waits until QEMU has opened its monitor; the guest may then run already.
  ///
  /// @throws QemuException with QEMU's own words if it does not start
  public static QemuProcess start(QemuInstallation qemu, QemuCommandLine line)
      throws QemuException, InterruptedException {
    return start(qemu, line, START_LIMIT);
  }

  /// The same.
  ///
  /// @throws QemuException with QEMU's own words if it does not start within `limit`
  public static QemuProcess start(QemuInstallation qemu, QemuCommandLine line, Duration limit)
      throws QemuException, InterruptedException {
    long deadlineNanos = System.nanoTime() + limit.toNanos();
    try {
      Path folder = Files.createTempDirectory("portcullis-qemu-");
      boolean running = false;
      try {
        QemuProcess process = startIn(folder, qemu, line, deadlineNanos);
        running = true;
        return process;
      } finally {
        if (!running) {
          remove(folder);
        }
      }
    } catch (IOException e) {
      throw new QemuException("cannot start QEMU: " + e.getMessage(), e);
    }
  }

  private static QemuProcess startIn(
      Path folder, QemuInstallation qemu, QemuCommandLine line, long deadlineNanos)
      throws IOException, QemuException, InterruptedException {
    removeAtEndOfJvm(folder, line.sockets());
    try (var listeners = new Listeners(folder, line.sockets())) {
      Process process = Offspring.start(builder(qemu, line, folder));
      boolean running = false;
      try {
        var sockets = listeners.acceptAll(process, left(deadlineNanos));
        var started =
            new QemuProcess(
                folder, process, sockets, openMonitor(sockets, process, left(deadlineNanos)));
        running = true;
        LOG.log(System.Logger.Level.DEBUG, "QEMU {0} started", process.pid());
        return started;
      } catch (QemuException e) {
        throw new QemuException("%s: %s".formatted(e.getMessage(), words(folder)), e);
      } finally {
        if (!running) {
          process.destroyForcibly().waitFor();
        }
      }
    }
  }

  private static Duration left(long deadlineNanos) {
    return Duration.ofNanos(Math.max(0, deadlineNanos - System.nanoTime()));
  }

  /// Devices are made after the monitor's connection and before its first reply.
  private static Qmp openMonitor(
      Map<String, SocketChannel> sockets, Process process, Duration limit)
      throws QemuException, InterruptedException {
    try {
      return Qmp.open(sockets.get("qmp"), limit);
    } catch (QemuException e) {
      if (process.waitFor(LAST_WORDS_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new QemuException("QEMU ended with code " + process.exitValue(), e);
      }
      throw e;
    }
  }

  /// QEMU's monitor.
  public Qmp qmp() {
    return qmp;
  }

  /// What the guest wrote on its console.
  ///
  /// @throws IllegalStateException if the console is a terminal
  public Console console() {
    return console.orElseThrow(() -> new IllegalStateException("the console is a terminal"));
  }

  /// Our end of a serial port that the command line named.
  public SocketChannel channel(String name) {
    SocketChannel socket = sockets.get(name);
    if (socket == null) {
      throw new IllegalArgumentException("no channel " + name);
    }
    return socket;
  }

  public long pid() {
    return process.pid();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /// QEMU's exit code, if it ends within `limit`.
  public OptionalInt awaitExit(Duration limit) throws InterruptedException {
    return process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)
        ? OptionalInt.of(process.exitValue())
        : OptionalInt.empty();
  }

  /// Completes with the exit code when QEMU ends.
  public CompletableFuture<Integer> onExit() {
    return process.onExit().thenApply(Process::exitValue);
  }

  /// Waits as long as it takes.
  public int awaitExit() throws InterruptedException {
    return process.waitFor();
  }

  /// Ends QEMU as `kill -9` does.
  public void destroy() {
    process.destroyForcibly();
  }

  /// Ends QEMU as `kill -9` does, and waits until it is gone.
  public void kill() throws InterruptedException {
    process.destroyForcibly();
    if (!process.waitFor(KILL_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
      LOG.log(System.Logger.Level.WARNING, "QEMU {0} does not die", process.pid());
    }
  }

  /// What QEMU itself wrote: warnings, errors.
  public String messages() {
    return words(folder);
  }

  /// Kills QEMU if it still runs, and removes its sockets.
  @Override
  public void close() {
    process.destroyForcibly();
    try {
      process.onExit().orTimeout(KILL_LIMIT.toMillis(), TimeUnit.MILLISECONDS).join();
      for (SocketChannel socket : sockets.values()) {
        socket.close();
      }
      remove(folder);
    } catch (IOException | CompletionException e) {
      LOG.log(System.Logger.Level.WARNING, "QEMU left something behind in " + folder, e);
    }
  }

  private static ProcessBuilder builder(QemuInstallation qemu, QemuCommandLine line, Path folder) {
    var words = qemu.command(line.arguments(folder, qemu.version()));
    LOG.log(System.Logger.Level.DEBUG, () -> String.join(" ", words));
    var builder = new ProcessBuilder(words);
    builder.environment().putAll(qemu.environment());
    if (line.consoleKind() == QemuCommandLine.ConsoleKind.TERMINAL) {
      return builder.inheritIO();
    }
    return builder
        .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve(MESSAGES).toFile());
  }

  private static String words(Path folder) {
    Path file = folder.resolve(MESSAGES);
    try {
      return Files.exists(file) ? Files.readString(file).strip() : "";
    } catch (IOException e) {
      return e.getMessage();
    }
  }

  /// Covers the end of a JVM that closes nothing. Java deletes in reverse order.
  private static void removeAtEndOfJvm(Path folder, List<String> files) {
    folder.toFile().deleteOnExit();
    folder.resolve(MESSAGES).toFile().deleteOnExit();
    files.forEach(file -> folder.resolve(file).toFile().deleteOnExit());
  }

  private static void remove(Path folder) throws IOException {
    List<Path> files = new ArrayList<>();
    try (var listed = Files.newDirectoryStream(folder)) {
      listed.forEach(files::add);
    }
    for (Path file : files) {
      Files.deleteIfExists(file);
    }
    Files.deleteIfExists(folder);
  }
}
