package dev.portcullis.machine.guest;

import dev.portcullis.machine.description.DeviceDescription.VirtioNet;
import dev.portcullis.machine.description.MachineDescription;
import dev.portcullis.machine.description.MachineFile;
import dev.portcullis.machine.firmware.Madt;
import dev.portcullis.qemu.guest.Initramfs;
import dev.portcullis.qemu.install.Cache;
import dev.portcullis.qemu.install.Kernel;
import dev.portcullis.qemu.install.Progress;
import dev.portcullis.qemu.install.ProvisioningException;
import dev.portcullis.qemu.install.QemuInstallation;
import dev.portcullis.qemu.install.Tools;
import dev.portcullis.qemu.run.Accelerator;
import dev.portcullis.qemu.run.QemuCommandLine.OnReset;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// What to run: which QEMU and kernel, on which machine, in which mode.
///
/// ```java
/// var plan = LinuxPlan.from(cache, "6.12", Progress.none()).mode(UnitMode.LAZY);
/// try (var run = LinuxRun.of(plan)) {
///   run.boot(Duration.ofMinutes(1));
///   run.exec("dmesg | grep DMAR", Duration.ofSeconds(10)).text();
/// }
/// ```
public final class LinuxPlan {
  /// What drives network cards; some kernels have a part of it built in.
  private static final List<String> NETWORK_DRIVER = List.of("virtio_pci", "virtio_net");

  private final QemuInstallation qemu;
  private final Kernel kernel;
  private final Tools tools;
  private final Path placements;
  private final List<String> kernelParameters = new ArrayList<>();
  private final List<String> qemuArguments = new ArrayList<>();
  private MachineDescription machine = MachineFile.standard();
  private UnitMode mode = UnitMode.STRICT;
  private Accelerator accelerator = Accelerator.TCG;
  private int processors = 1;
  private OnReset onReset = OnReset.EXIT;
  private IoApic ioApic = IoApic.HIDDEN_TO_REMAP;
  private Consumer<Initramfs> additions = files -> {};

  /// Whether Linux is told of the machine's I/O APIC. It remaps no interrupts if it is, since that
  /// belongs to QEMU and does not pass our units.
  public enum IoApic {
    /// Not where the units remap interrupts, see [Madt].
    HIDDEN_TO_REMAP,
    /// In any case.
    SHOWN
  }

  /// @param placements folder that remembers where firmware puts the registers of units
  public LinuxPlan(QemuInstallation qemu, Kernel kernel, Tools tools, Path placements) {
    this.qemu = qemu;
    this.kernel = kernel;
    this.tools = tools;
    this.placements = placements;
  }

  /// A plan with everything from a cache, which is filled as needed; with KVM where that works.
  ///
  /// @param kernel `6.1`, `6.12`, `latest`, or the path of a bzImage
  public static LinuxPlan from(Cache cache, String kernel, Progress progress)
      throws ProvisioningException, InterruptedException {
    QemuInstallation qemu = cache.qemu(progress);
    return from(cache, qemu, kernel, progress);
  }

  /// A plan with a QEMU of one's own, and the rest from a cache.
  public static LinuxPlan from(Cache cache, QemuInstallation qemu, String kernel, Progress progress)
      throws ProvisioningException, InterruptedException {
    Tools tools = cache.tools(progress);
    Path placements = cache.home().resolve("placements");
    Kernel provided = cache.kernel(kernel, progress);
    return new LinuxPlan(qemu, provided, tools, placements)
        .accelerator(Accelerator.best(qemu, provided, cache));
  }

  public LinuxPlan machine(MachineDescription description) {
    machine = description;
    return this;
  }

  public LinuxPlan mode(UnitMode choice) {
    mode = choice;
    return this;
  }

  public LinuxPlan accelerator(Accelerator choice) {
    accelerator = choice;
    return this;
  }

  public LinuxPlan processors(int count) {
    processors = count;
    return this;
  }

  public LinuxPlan ioApic(IoApic choice) {
    ioApic = choice;
    return this;
  }

  /// Adds words to the kernel's command line.
  public LinuxPlan append(String parameters) {
    kernelParameters.add(parameters);
    return this;
  }

  /// Adds arguments to QEMU's command line.
  public LinuxPlan qemuArguments(String... words) {
    qemuArguments.addAll(List.of(words));
    return this;
  }

  /// Lets a reset restart the guest, where it else ends QEMU.
  public LinuxPlan restartOnReset() {
    onReset = OnReset.RESTART;
    return this;
  }

  /// Adds to the guest's initial file system.
  public LinuxPlan files(Consumer<Initramfs> more) {
    additions = additions.andThen(more);
    return this;
  }

  QemuInstallation qemu() {
    return qemu;
  }

  Kernel kernel() {
    return kernel;
  }

  Path placements() {
    return placements;
  }

  /// The machine as the mode needs it.
  MachineDescription machine() {
    return mode.applyTo(machine);
  }

  Accelerator accelerator() {
    return accelerator;
  }

  int processors() {
    return processors;
  }

  OnReset onReset() {
    return onReset;
  }

  List<String> qemuArguments() {
    return List.copyOf(qemuArguments);
  }

  String kernelParameters() {
    List<String> words = new ArrayList<>(List.of(mode.kernelParameters()));
    // QEMU's firmware knows of no reserved memory: Linux is kept off it all the same.
    machine.topology().reserved().values().stream()
        .map(region -> "memmap=%#x$%#x".formatted(region.bytes(), region.first()))
        .sorted()
        .forEach(words::add);
    words.addAll(kernelParameters);
    return String.join(" ", words);
  }

  Initramfs initramfs() {
    Initramfs files = Initramfs.of(tools).modules(kernel);
    if (machine.devices().stream().anyMatch(VirtioNet.class::isInstance)) {
      NETWORK_DRIVER.stream().filter(kernel::hasModule).forEach(files::load);
    }
    if (ioApic == IoApic.HIDDEN_TO_REMAP && machine().remapsInterrupts()) {
      files.acpiTable("madt", Madt.withoutIoApic(processors));
    }
    additions.accept(files);
    return files;
  }
}
