package dev.portcullis.qemu.guest;

import dev.portcullis.qemu.install.QemuInstallation;
import dev.portcullis.qemu.run.QemuCommandLine;
import dev.portcullis.qemu.run.QemuException;
import dev.portcullis.qemu.run.QemuProcess;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// A booted guest that runs commands as root and brings back exactly what they wrote.
///
/// Output, errors and exit codes come through serial ports of their own, so nothing the kernel says
/// mixes in, and any byte passes unchanged (about half a megabyte per second under TCG). Commands
/// run one at a time; a session is for one thread.
///
/// ```java
/// var line = new QemuCommandLine().kernel(kernel.image(), initramfs);
/// try (var guest = GuestSession.boot(qemu, line, Duration.ofMinutes(1))) {
///   guest.run("uname -r", Duration.ofSeconds(10)).text();
/// }
/// ```
public final class GuestSession implements AutoCloseable {

  /// Commands longer than this belong into a file of the [Initramfs].
  private static final int COMMANDS_LIMIT_BYTES = 32 << 10;

  private static final int MARK_BYTES = 16;
  private static final Duration POWER_OFF_LIMIT = Duration.ofSeconds(20);
  private static final SecureRandom RANDOM = new SecureRandom();

  private final QemuProcess process;
  private final MarkedStream stdout;
  private final MarkedStream stderr;
  private final Replies replies;
  private final OutputStream requests;

  private GuestSession(QemuProcess process) {
    this.process = process;
    this.stdout = stream("stdout");
    this.stderr = stream("stderr");
    this.replies =
        new Replies(
            Channels.newInputStream(process.channel("control")),
            () -> abandon("the guest began anew"));
    this.requests = Channels.newOutputStream(process.channel("control"));
  }

  /// Starts a machine and waits until its guest takes commands.
  ///
  /// @param line with a kernel and an [Initramfs]; it is not changed
  /// @throws QemuException if that takes longer than `limit`; the message has the console's end
  public static GuestSession boot(QemuInstallation qemu, QemuCommandLine line, Duration limit)
      throws QemuException, InterruptedException {
    var session = new GuestSession(QemuProcess.start(qemu, prepare(line.copy())));
    try {
      session.awaitReady(limit);
      return session;
    } catch (QemuException | InterruptedException e) {
      session.close();
      throw e;
    }
  }

  /// Adds to a command line what a session needs.
  ///
  /// @param line with a kernel and an [Initramfs]
  /// @return `line`
  public static QemuCommandLine prepare(QemuCommandLine line) {
    return line.append(Initramfs.SERVE_SESSION)
        .channel("stdout")
        .channel("stderr")
        .channel("control");
  }

  /// A session in a machine that was started with a [#prepare]d command line. Wait until it is
  /// ready: [#awaitReady].
  public static GuestSession in(QemuProcess process) {
    return new GuestSession(process);
  }

  /// Runs shell commands and collects what they write.
  ///
  /// Ends when the commands and everything they started in the background have closed their
  /// outputs, as over ssh.
  ///
  /// @throws QemuException if that takes longer than `limit`, the output exceeds 64 MiB, or the
  ///   machine ends; or, soon, if the guest begins anew, and takes other commands then
  public ExecResult run(String commands, Duration limit)
      throws QemuException, InterruptedException {
    var out = new BoundedOutput();
    var err = new BoundedOutput();
    int exitCode = run(commands, out, err, limit);
    return new ExecResult(exitCode, out.bytes(), err.bytes());
  }

  /// Runs shell commands and passes on what they write, as it comes.
  ///
  /// @return their exit code
  public int run(String commands, OutputStream out, OutputStream err, Duration limit)
      throws QemuException, InterruptedException {
    byte[] script = commands.getBytes(StandardCharsets.UTF_8);
    if (script.length > COMMANDS_LIMIT_BYTES) {
      throw new IllegalArgumentException("commands longer than 32 KiB: put them into a file");
    }
    String mark = mark();
    byte[] markBytes = mark.getBytes(StandardCharsets.US_ASCII);
    var outDone = stdout.expect(markBytes, out);
    var errDone = stderr.expect(markBytes, err);
    var reply = replies.expect(mark);
    request(mark, script);
    long deadlineNanos = System.nanoTime() + limit.toNanos();
    String what = "the end of: " + commands.strip();
    await(outDone, deadlineNanos, what);
    await(errDone, deadlineNanos, what);
    return await(reply, deadlineNanos, what);
  }

  /// Ends a wait for commands that will not end: the guest stands still, or began anew.
  public void abandon(String why) {
    stdout.abandon(why);
    stderr.abandon(why);
    replies.abandon(why);
  }

  /// Reboots the guest and waits until it takes commands again. The command line must say
  /// [QemuCommandLine.OnReset#RESTART].
  public void reboot(Duration limit) throws QemuException, InterruptedException {
    requestLast("reboot");
    awaitReady(limit);
  }

  /// Presses the reset button and waits until the guest takes commands again.
  public void reset(Duration limit) throws QemuException, InterruptedException {
    process.qmp().reset();
    awaitReady(limit);
  }

  /// Shuts the guest down in order, and waits until QEMU is gone.
  public void powerOff() throws QemuException, InterruptedException {
    requestLast("poweroff");
    if (process.awaitExit(POWER_OFF_LIMIT).isEmpty()) {
      throw failure("the guest did not switch off", null);
    }
  }

  /// The process behind: monitor, console, kill.
  public QemuProcess process() {
    return process;
  }

  /// Ends the machine as if its plug were pulled.
  @Override
  public void close() {
    process.close();
  }

  /// Waits until the guest takes commands: after it was started or reset.
  ///
  /// @throws QemuException if that takes longer than `limit`; the message has the console's end
  public void awaitReady(Duration limit) throws QemuException, InterruptedException {
    await(replies.ready(), System.nanoTime() + limit.toNanos(), "the guest to take commands");
    replies.takeReady();
  }

  /// Sends commands that end the guest, and so get no reply.
  private void requestLast(String commands) throws QemuException {
    request(mark(), commands.getBytes(StandardCharsets.UTF_8));
  }

  private void request(String mark, byte[] script) throws QemuException {
    String line = mark + " " + Base64.getEncoder().encodeToString(script) + "\n";
    try {
      requests.write(line.getBytes(StandardCharsets.US_ASCII));
    } catch (IOException e) {
      throw failure("the machine ended", e);
    }
  }

  private <T> T await(Future<T> future, long deadlineNanos, String what)
      throws QemuException, InterruptedException {
    try {
      return future.get(deadlineNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw failure("the time limit passed, waiting for " + what, e);
    } catch (ExecutionException e) {
      throw failure("%s, waiting for %s".formatted(e.getCause().getMessage(), what), e.getCause());
    }
  }

  private QemuException failure(String message, Throwable cause) {
    return new QemuException(
        "%s; QEMU says: %s; last lines of the console:%n%s"
            .formatted(message, process.messages(), process.console().tail()),
        cause);
  }

  private MarkedStream stream(String channel) {
    return new MarkedStream(Channels.newInputStream(process.channel(channel)), "guest " + channel);
  }

  private static String mark() {
    byte[] random = new byte[MARK_BYTES];
    RANDOM.nextBytes(random);
    return HexFormat.of().formatHex(random);
  }
}
