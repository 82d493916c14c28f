package dev.portcullis.qemu.run;

import dev.portcullis.qemu.install.Cache;
import dev.portcullis.qemu.install.Kernel;
import dev.portcullis.qemu.install.QemuInstallation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// What executes the guest's instructions.
public enum Accelerator {
  /// QEMU's own translator: everywhere, slower.
  ///
  /// Pages of the guest stay at four levels: the fifth exists in few machines, and an IOMMU that
  /// shares page tables with the processor would have to follow.
  TCG(List.of("-accel", "tcg,thread=multi", "-cpu", "max,la57=off")),
  /// The host's processor.
  KVM(List.of("-accel", "kvm", "-cpu", "host")),
  /// Nothing: the processor stands still, and somebody drives the machine over qtest.
  QTEST(List.of("-accel", "qtest"));

  private static final System.Logger LOG = System.getLogger(Accelerator.class.getName());

  private static final Duration PROBE_LIMIT = Duration.ofSeconds(8);

  /// Changes whenever the host starts.
  private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

  private final List<String> arguments;

  Accelerator(List<String> arguments) {
    this.arguments = arguments;
  }

  List<String> arguments() {
    return arguments;
  }

  /// KVM if it carries `kernel` here, else TCG. A KVM that hangs takes eight seconds to find out,
  /// so the answer is kept in the cache until the host restarts or another QEMU or kernel asks.
  public static Accelerator best(QemuInstallation qemu, Kernel kernel, Cache cache)
      throws InterruptedException {
    Path memory =
        cache.home().resolve("accelerator-" + kernel.release().replaceAll("[^\\w.-]", "_"));
    try {
      String question =
          "%s %s %s "
              .formatted(Files.readString(BOOT_ID).strip(), qemu.version(), kernel.release());
      if (Files.exists(memory)) {
        String known = Files.readString(memory).strip();
        for (Accelerator answer : values()) {
          if (known.equals(question + answer)) {
            return answer;
          }
        }
      }
      Accelerator answer = probe(qemu, kernel);
      Files.writeString(Files.createDirectories(cache.home()).resolve(memory), question + answer);
      return answer;
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "cannot remember the accelerator", e);
      return probe(qemu, kernel);
    }
  }

  private static Accelerator probe(QemuInstallation qemu, Kernel kernel)
      throws InterruptedException {
    return KvmState.probe(qemu, kernel, PROBE_LIMIT) == KvmState.USABLE ? KVM : TCG;
  }
}
