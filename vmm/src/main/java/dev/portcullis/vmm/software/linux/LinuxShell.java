package dev.portcullis.vmm.software.linux;

import dev.portcullis.qemu.guest.ExecResult;
import dev.portcullis.qemu.guest.GuestSession;
import dev.portcullis.qemu.run.QemuException;
import dev.portcullis.qemu.run.QemuProcess;
import dev.portcullis.vmm.engine.EngineState;
import dev.portcullis.vmm.engine.EngineState.Phase;
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
  private volatile Optional<GuestSession> latest = Optional.empty();

  /// Which boot was made ready last.
  private long readyBoot = -1;

  /// Which boot still runs commands that somebody waited for in vain.
  private long lostBoot = -1;

  /// @param name of the partition
  /// @param setUp commands that make a guest ready that has just booted
  public LinuxShell(String name, QemuEngine engine, String setUp) {
    this.name = name;
    this.engine = engine;
    this.setUp = setUp;
    engine.onBoot(() -> Thread.ofVirtual().name(name + " set-up").start(this::makeReady));
    engine.onChange(this::changed);
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

  /// A guest that stands still for good ends no command.
  private void changed(EngineState state) {
    if (state.is(Phase.HALTED)) {
      latest.ifPresent(guest -> guest.abandon("the guest is " + state));
    }
  }

  /// Runs shell commands as root in a guest that is ready, and waits for that.
  ///
  /// @throws ClientException if that takes longer than `limit`; soon, if the guest ends, is halted,
  ///   or begins anew
  public synchronized ExecResult run(String commands, Duration limit)
      throws ClientException, InterruptedException {
    long deadlineNanos = System.nanoTime() + limit.toNanos();
    GuestSession guest = ready(deadlineNanos);
    return run(guest, commands, deadlineNanos);
  }

  private ExecResult run(GuestSession guest, String commands, long deadlineNanos)
      throws ClientException, InterruptedException {
    try {
      return guest.run(commands, left(deadlineNanos));
    } catch (QemuException e) {
      lostBoot = readyBoot;
      throw failure(e);
    }
  }

  private synchronized GuestSession ready(long deadlineNanos)
      throws ClientException, InterruptedException {
    GuestSession guest = session();
    if (readyBoot != engine.boots()) {
      makeReady(guest, deadlineNanos);
    }
    if (lostBoot == readyBoot) {
      throw new ClientException(
          "partition %s did not end a command in time: it takes no more until it is reset"
              .formatted(name));
    }
    return guest;
  }

  private GuestSession session() throws ClientException {
    QemuProcess process =
        engine
            .process()
            .orElseThrow(
                () -> new ClientException("partition %s is %s".formatted(name, engine.state())));
    if (latest.filter(guest -> guest.process() == process).isEmpty()) {
      latest = Optional.of(GuestSession.in(process));
      readyBoot = -1;
    }
    return latest.get();
  }

  private void makeReady(GuestSession guest, long deadlineNanos)
      throws ClientException, InterruptedException {
    try {
      guest.awaitReady(left(deadlineNanos));
    } catch (QemuException e) {
      throw failure(e);
    }
    // Only now: firmware that finds itself reset begins with another reset.
    readyBoot = engine.boots();
    ExecResult done = run(guest, setUp, deadlineNanos);
    if (!done.succeeded()) {
      LOG.log(Level.WARNING, "partition {0} is not set up: {1}", name, done);
    }
  }

  private ClientException failure(QemuException why) {
    return new ClientException("partition %s: %s".formatted(name, why.getMessage()), why);
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
