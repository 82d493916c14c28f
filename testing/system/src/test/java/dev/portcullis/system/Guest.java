package dev.portcullis.system;

import dev.portcullis.machine.Platform;
import dev.portcullis.machine.PlatformStatistics;
import dev.portcullis.machine.guest.LinuxPlan;
import dev.portcullis.machine.guest.LinuxRun;
import dev.portcullis.qemu.guest.ExecResult;
import dev.portcullis.qemu.run.QemuException;
import java.time.Duration;
import java.util.List;

/// A booted Linux under test. What goes wrong in it is said together with the end of its console.
final class Guest implements AutoCloseable {
  private static final int TAIL_LINES = 40;

  private final LinuxRun run;

  private Guest(LinuxRun run) {
    this.run = run;
  }

  static Guest boot(LinuxPlan plan) throws Exception {
    Guest guest = new Guest(LinuxRun.of(plan));
    try {
      guest.boot();
      return guest;
    } catch (Exception e) {
      guest.close();
      throw e;
    }
  }

  /// Boots once more, on the same functions. A guest that still runs is killed.
  void boot() throws Exception {
    run.boot(Lab.BOOT);
  }

  void reboot() throws Exception {
    run.session().reboot(Lab.BOOT);
  }

  void pressReset() throws Exception {
    run.session().reset(Lab.BOOT);
  }

  /// Ends QEMU as `kill -9` does.
  void pullThePlug() throws Exception {
    run.session().process().kill();
  }

  /// Runs shell commands as root; the first that fails fails the test.
  ///
  /// @return what they wrote on standard output, without trailing line ends
  String shell(String commands) throws Exception {
    return shell(commands, Lab.COMMAND);
  }

  /// The same, with more time.
  String shell(String commands, Duration limit) throws Exception {
    ExecResult result = run.exec("set -e\n" + commands, limit);
    if (!result.succeeded()) {
      throw new AssertionError("%s%n→ %s%n%s".formatted(commands.strip(), result, consoleTail()));
    }
    return result.text();
  }

  /// Waits until the kernel says `text`.
  void awaitLog(String text) throws Exception {
    run.session().process().console().await(text, Lab.COMMAND);
  }

  /// The kernel's log, with levels.
  List<KernelMessage> log() throws Exception {
    return shell("dmesg -r").lines().flatMap(line -> KernelMessage.parse(line).stream()).toList();
  }

  /// What it wrote on its console since it was started, earlier boots before a reboot included.
  String console() {
    return run.console();
  }

  String consoleTail() {
    List<String> lines = run.console().lines().toList();
    List<String> tail = lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size());
    return "Last lines of the console:\n" + String.join("\n", tail);
  }

  Platform platform() {
    return run.platform();
  }

  PlatformStatistics statistics() {
    return run.statistics();
  }

  /// Switches off in order.
  void powerOff() throws QemuException, InterruptedException {
    run.session().powerOff();
  }

  @Override
  public void close() {
    run.close();
  }
}
