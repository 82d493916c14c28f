package dev.portcullis.vmm.engine.qemu;

import dev.portcullis.qemu.install.QemuInstallation;
import dev.portcullis.qemu.run.Accelerator;
import dev.portcullis.qemu.run.QemuCommandLine;
import dev.portcullis.vmm.engine.EngineException;
import dev.portcullis.vmm.memory.PageRange;
import java.nio.file.Path;
import java.time.Duration;

/// What a partition is made of that is a QEMU process.
///
/// @param qemu with vfio-user
/// @param accelerator what executes the guest's instructions
/// @param processors how many the guest has
/// @param memory the machine's physical memory: a file whose offsets are host physical addresses
/// @param window the partition's part of it, from guest physical address 0 on: whole mebibytes, at
///   most 2 GiB, since the firmware leaves the room above to devices
/// @param folder for sockets, and what else the guest is started with; the engine removes it when
///   it is closed
/// @param boot adds to the command line what the guest boots, and devices of QEMU's own
/// @param resets who sees to it that the guest begins anew
/// @param watch when QEMU is taken for dead
public record QemuPlan(
    QemuInstallation qemu,
    Accelerator accelerator,
    int processors,
    Path memory,
    PageRange window,
    Path folder,
    BootLine boot,
    Resets resets,
    Watch watch) {
  private static final long MEBIBYTE = 1 << 20;
  private static final long MOST_BYTES = 2L << 30;

  /// Says what a guest boots, each time that it is about to.
  @FunctionalInterface
  public interface BootLine {
    /// Adds it to `line`, which is the machine without its functions.
    ///
    /// @return `line`
    /// @throws EngineException if it must not boot; the message says why
    QemuCommandLine add(QemuCommandLine line) throws EngineException, InterruptedException;
  }

  /// Who sees to it that a guest begins anew, when it or somebody else wants it to.
  public enum Resets {
    /// QEMU, from what it holds.
    IN_PLACE,
    /// Its process ends; what the guest boots is asked for again.
    ANEW
  }

  /// How often QEMU is asked for a sign of life, and how long it may take to answer.
  public record Watch(Duration interval, Duration limit) {
    /// Patient with a machine that is busy.
    public static final Watch USUAL = new Watch(Duration.ofSeconds(5), Duration.ofSeconds(30));
  }

  public QemuPlan {
    if (window.bytes() % MEBIBYTE != 0 || window.bytes() > MOST_BYTES) {
      throw new IllegalArgumentException("a window of %,d bytes".formatted(window.bytes()));
    }
  }

  /// One processor, and the usual watch.
  public static QemuPlan of(
      QemuInstallation qemu, Path memory, PageRange window, Path folder, BootLine boot) {
    return new QemuPlan(
        qemu, Accelerator.TCG, 1, memory, window, folder, boot, Resets.IN_PLACE, Watch.USUAL);
  }

  public QemuPlan with(Accelerator other) {
    return new QemuPlan(qemu, other, processors, memory, window, folder, boot, resets, watch);
  }

  public QemuPlan withProcessors(int count) {
    return new QemuPlan(qemu, accelerator, count, memory, window, folder, boot, resets, watch);
  }

  public QemuPlan with(Resets other) {
    return new QemuPlan(qemu, accelerator, processors, memory, window, folder, boot, other, watch);
  }

  public QemuPlan with(Watch other) {
    return new QemuPlan(qemu, accelerator, processors, memory, window, folder, boot, resets, other);
  }

  /// The machine, before its functions: it stands still until it is told to run, restarts when the
  /// guest resets it, and stands still when the guest says that it panicked.
  ///
  /// @throws EngineException if the guest must not boot
  QemuCommandLine line() throws EngineException, InterruptedException {
    QemuCommandLine line =
        new QemuCommandLine()
            .memoryMebibytes((int) (window.bytes() / MEBIBYTE))
            .memoryFile(memory, window.first())
            .processors(processors)
            .accelerator(accelerator)
            .onReset(
                switch (resets) {
                  case IN_PLACE -> QemuCommandLine.OnReset.RESTART;
                  case ANEW -> QemuCommandLine.OnReset.EXIT;
                })
            .argument("-S", "-action", "panic=pause")
            .device("pvpanic");
    return boot.add(HotPlug.addPorts(line));
  }
}
