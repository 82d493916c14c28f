package dev.portcullis.vmm.software.linux;

import dev.portcullis.qemu.guest.ExecResult;
import dev.portcullis.qemu.guest.GuestSession;
import dev.portcullis.qemu.run.QemuException;
import dev.portcullis.qemu.run.QemuProcess;
import dev.portcullis.vmm.engine.qemu.QemuEngine;
import dev.portcullis.vmm.software.Client.ClientException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Optional;

/// Runs commands in a partition's Linux, whichever boot it is at: each is made ready first.
public final class LinuxShell {
  private static final System.Logger LOG = System.getLogger(LinuxShell.class.getName());
  private static final Duration BOOT_LIMIT = Duration.ofMinutes(2);

  private final String name;
  private final QemuEngine engine;
  private final String setUp;
  private Optional<Session> current = Optional.empty();

  /// One that somebody still listens to in vain.
  private QemuProcess lost;

  private record Session(QemuProcess process, GuestSession guest, long boot) {}

  /// @param name of the partition
  /// @param setUp commands that make a guest ready that has just booted
  public LinuxShell(String name, QemuEngine engine, String setUp) {
    this.name = name;
    this.engine = engine;
    this.setUp = setUp;
    engine.onBoot(() -> Thread.ofVirtual().name(name + " set-up").start(this::makeReady));
  }

  /// Runs nothing in a guest that is ready: somebody may be about to reset it.
  private void makeReady() {
    try {
      ready(System.nanoTime() + BOOT_LIMIT.toNanos());
    } catch (ClientException e) {
      LOG.log(Level.INFO, e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Runs shell commands as root in a guest that is ready, and waits for that.
  ///
  /// @throws ClientException if that takes longer than `limit`, or the guest ends
  public synchronized ExecResult run(String commands, Duration limit)
      throws ClientException, InterruptedException {
    long deadlineNanos = System.nanoTime() + limit.toNanos();
    GuestSession guest = ready(deadlineNanos);
    try {
      return guest.run(commands, left(deadlineNanos));
    } catch (QemuException e) {
      throw lose(guest.process(), e);
    }
  }

  private synchronized GuestSession ready(long deadlineNanos)
      throws ClientException, InterruptedException {
    QemuProcess process =
        engine
            .process()
            .orElseThrow(
                () -> new ClientException("partition %s is %s".formatted(name, engine.state())));
    if (process == lost) {
      throw new ClientException(
          "partition %s did not end a command in time: it takes no more".formatted(name));
    }
    try {
      return ready(process, deadlineNanos);
    } catch (QemuException e) {
      throw lose(process, e);
    }
  }

  private ClientException lose(QemuProcess process, QemuException why) {
    lost = process;
    return new ClientException("partition %s: %s".formatted(name, why.getMessage()), why);
  }

  private GuestSession ready(QemuProcess process, long deadlineNanos)
      throws QemuException, InterruptedException {
    if (current.filter(one -> one.process == process && one.boot == engine.boots()).isPresent()) {
      return current.get().guest;
    }
    GuestSession guest =
        current
            .filter(one -> one.process == process)
            .map(Session::guest)
            .orElseGet(() -> GuestSession.in(process));
    guest.awaitReady(left(deadlineNanos));
    // Only now: firmware that finds itself reset begins with another reset.
    long boot = engine.boots();
    ExecResult done = guest.run(setUp, left(deadlineNanos));
    if (!done.succeeded()) {
      LOG.log(Level.WARNING, "partition {0} is not set up: {1}", name, done);
    }
    current = Optional.of(new Session(process, guest, boot));
    return guest;
  }

  /// The same; the first command that fails fails all.
  ///
  /// @return what they wrote on standard output
  String demand(String commands, Duration limit) throws ClientException, InterruptedException {
    ExecResult result = run("set -e\n" + commands, limit);
    if (!result.succeeded()) {
      String said = (result.errorText() + " " + result.text()).strip();
      throw new ClientException(
          "partition %s: %s".formatted(name, said.lines().reduce((_, last) -> last).orElse("")));
    }
    return result.text();
  }

  private static Duration left(long deadlineNanos) {
    return Duration.ofNanos(Math.max(0, deadlineNanos - System.nanoTime()));
  }
}
