package dev.portcullis.machine.guest;

import dev.portcullis.machine.Platform;
import dev.portcullis.machine.PlatformException;
import dev.portcullis.machine.PlatformStatistics;
import dev.portcullis.machine.firmware.Placements;
import dev.portcullis.qemu.guest.ExecResult;
import dev.portcullis.qemu.guest.GuestSession;
import dev.portcullis.qemu.install.ProvisioningException;
import dev.portcullis.qemu.run.QemuCommandLine;
import dev.portcullis.qemu.run.QemuCommandLine.ConsoleKind;
import dev.portcullis.qemu.run.QemuException;
import dev.portcullis.qemu.run.QemuProcess;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/// A Linux on a machine of ours, from the first socket to the last statistic.
///
/// The platform lives as long as the run; QEMU may come and go: [#boot] again after the guest has
/// ended or was killed finds disks as they were left. A run is for one thread.
public final class LinuxRun implements AutoCloseable {
  private static final Logger LOG = System.getLogger(LinuxRun.class.getName());
  private static final Duration PLACEMENT_LIMIT = Duration.ofSeconds(20);

  private final LinuxPlan plan;
  private final RunFolder folder;
  private final Platform platform;
  private final RegisterFinder registers;
  private final Path initramfs;
  private GuestSession session;

  private LinuxRun(LinuxPlan plan, RunFolder folder, Platform platform, Path initramfs) {
    this.plan = plan;
    this.folder = folder;
    this.platform = platform;
    this.registers = new RegisterFinder(plan, platform);
    this.initramfs = initramfs;
  }

  /// Opens the platform and writes the guest's file system; nothing runs yet.
  public static LinuxRun of(LinuxPlan plan)
      throws PlatformException, ProvisioningException, InterruptedException {
    RunFolder folder = RunFolder.create();
    try {
      Path initramfs = writeInitramfs(plan, folder.path().resolve("initramfs"));
      return new LinuxRun(plan, folder, Platform.open(plan.machine(), folder.path()), initramfs);
    } catch (PlatformException | ProvisioningException | InterruptedException e) {
      folder.close();
      throw e;
    }
  }

  private static Path writeInitramfs(LinuxPlan plan, Path file)
      throws PlatformException, ProvisioningException, InterruptedException {
    try {
      plan.initramfs().writeTo(file);
      return file;
    } catch (IOException e) {
      throw new PlatformException("cannot write " + file + ": " + e.getMessage(), e);
    }
  }

  /// Boots and waits until the guest takes commands. An earlier guest is killed.
  ///
  /// @throws QemuException if that takes longer than `limit`
  public GuestSession boot(Duration limit)
      throws QemuException, PlatformException, InterruptedException {
    kill();
    long deadlineNanos = System.nanoTime() + limit.toNanos();
    Map<String, Long> bases = registers.find();
    session = bootAt(bases, deadlineNanos);
    Map<String, Long> found = platform.placement();
    if (!found.equals(bases)) {
      noteMove(bases, found);
      kill();
      session = bootAt(found, deadlineNanos);
    }
    return session;
  }

  private GuestSession bootAt(Map<String, Long> bases, long deadlineNanos)
      throws QemuException, PlatformException, InterruptedException {
    platform.forgetPlacement();
    Duration left = Duration.ofNanos(Math.max(1, deadlineNanos - System.nanoTime()));
    return GuestSession.boot(plan.qemu(), line(bases), left);
  }

  private void noteMove(Map<String, Long> expected, Map<String, Long> found) {
    LOG.log(
        Level.WARNING,
        "the firmware put the registers of units at {0} where {1} was expected; starting again",
        Placements.text(found),
        Placements.text(expected));
    registers.remember(found);
  }

  /// Boots with the guest's console on this process's terminal, and waits until it ends.
  ///
  /// @return QEMU's exit code
  public int runOnTerminal() throws QemuException, PlatformException, InterruptedException {
    Map<String, Long> bases = registers.find();
    while (true) {
      platform.forgetPlacement();
      QemuCommandLine line = line(bases).console(ConsoleKind.TERMINAL);
      try (QemuProcess qemu = QemuProcess.start(plan.qemu(), line)) {
        Map<String, Long> found = platform.awaitPlacement(PLACEMENT_LIMIT);
        if (found.equals(bases) || !found.keySet().equals(platform.unitIds())) {
          return qemu.awaitExit();
        }
        noteMove(bases, found);
        bases = found;
      }
    }
  }

  private QemuCommandLine line(Map<String, Long> bases) throws PlatformException {
    Path dmar = folder.path().resolve("dmar.bin");
    try {
      Files.write(dmar, platform.dmar(bases).encode());
    } catch (IOException e) {
      throw new PlatformException("cannot write " + dmar + ": " + e.getMessage(), e);
    }
    return VirtualMachine.line(plan, platform)
        .onReset(plan.onReset())
        .kernel(plan.kernel().image(), initramfs)
        .append(plan.kernelParameters())
        .acpiTable(dmar);
  }

  /// Runs shell commands as root in the booted guest.
  public ExecResult exec(String commands, Duration limit)
      throws QemuException, InterruptedException {
    return session().run(commands, limit);
  }

  /// The booted guest.
  ///
  /// @throws IllegalStateException if none has been booted
  public GuestSession session() {
    if (session == null) {
      throw new IllegalStateException("no guest has been booted");
    }
    return session;
  }

  /// What the guest has written on its console since it was booted.
  public String console() {
    return session().process().console().text();
  }

  /// Pulls the plug of the guest, if there is one. The platform goes on.
  public void kill() {
    if (session != null) {
      session.close();
      session = null;
    }
  }

  /// The functions at work.
  public Platform platform() {
    return platform;
  }

  /// What has happened since the run was made.
  public PlatformStatistics statistics() {
    return platform.statistics();
  }

  @Override
  public void close() {
    kill();
    platform.close();
    folder.close();
  }
}
