package dev.portcullis.machine.guest;

import dev.portcullis.machine.Platform;
import dev.portcullis.machine.firmware.Placements;
import dev.portcullis.qemu.run.QemuException;
import dev.portcullis.qemu.run.QemuProcess;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/// Finds out where the firmware will put the registers of the units: from memory, or by letting it
/// run once.
final class RegisterFinder {
  private static final Logger LOG = System.getLogger(RegisterFinder.class.getName());
  private static final Duration FIRMWARE_LIMIT = Duration.ofSeconds(30);

  private final LinuxPlan plan;
  private final Platform platform;
  private final Placements known;
  private final String layout;

  RegisterFinder(LinuxPlan plan, Platform platform) {
    this.plan = plan;
    this.platform = platform;
    this.known = new Placements(plan.placements());
    this.layout = VirtualMachine.layout(plan, platform);
  }

  /// The address of each unit's registers, by its id.
  Map<String, Long> find() throws QemuException, InterruptedException {
    Optional<Map<String, Long>> remembered = recall();
    return remembered.isPresent() ? remembered.get() : probe();
  }

  private Optional<Map<String, Long>> recall() {
    try {
      return known.find(layout).filter(bases -> bases.keySet().equals(platform.unitIds()));
    } catch (IOException e) {
      LOG.log(Level.WARNING, "cannot read where registers were: " + e.getMessage());
      return Optional.empty();
    }
  }

  /// Starts the machine without a kernel, until the firmware has placed all windows.
  private Map<String, Long> probe() throws QemuException, InterruptedException {
    platform.forgetPlacement();
    try (QemuProcess qemu = QemuProcess.start(plan.qemu(), VirtualMachine.line(plan, platform))) {
      Map<String, Long> bases = platform.awaitPlacement(FIRMWARE_LIMIT);
      if (!bases.keySet().equals(platform.unitIds())) {
        throw new QemuException(
            "the firmware placed the registers of %s only; QEMU says: %s"
                .formatted(bases.keySet(), qemu.messages()));
      }
      remember(bases);
      return bases;
    }
  }

  /// Corrects what is remembered.
  void remember(Map<String, Long> bases) {
    try {
      known.store(layout, bases);
    } catch (IOException e) {
      LOG.log(Level.WARNING, "cannot remember where registers are: " + e.getMessage());
    }
  }
}
