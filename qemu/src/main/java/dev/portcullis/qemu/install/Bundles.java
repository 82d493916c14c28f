package dev.portcullis.qemu.install;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// What can be installed, and what of the packages is worth keeping.
final class Bundles {

  static final Bundle.Identity QEMU = new Bundle.Identity("qemu", 1);
  static final Bundle.Identity TOOLS = new Bundle.Identity("tools", 1);
  static final Bundle.Identity PASST = new Bundle.Identity("passt", 1);
  static final Bundle.Identity WIRESHARK = new Bundle.Identity("wireshark", 1);
  static final Bundle.Identity BOOT_TOOLS = new Bundle.Identity("boot-tools", 1);
  static final Bundle.Identity REDFISHTOOL = new Bundle.Identity("redfishtool", 1);
  static final Bundle.Identity FIO = new Bundle.Identity("fio", 1);

  private static final List<String> QEMU_DATA =
      List.of(
          "usr/lib/x86_64-linux-gnu/qemu/accel-qtest.so",
          "usr/share/qemu/kvmvapic.bin",
          "usr/share/qemu/linuxboot_dma.bin",
          "usr/share/qemu/multiboot_dma.bin",
          "usr/share/qemu/pvh.bin",
          "usr/share/qemu/efi-virtio.rom",
          "usr/share/qemu/efi-e1000e.rom",
          "usr/share/seabios/bios-256k.bin",
          "usr/share/seabios/vgabios-stdvga.bin");

  /// Parts of a kernel's module tree that guests need: direct assignment, paravirtual devices,
  /// bridges, the power button and the word of a panic, with what they depend on.
  private static final List<String> MODULES =
      List.of(
          "kernel/drivers/vfio/",
          "kernel/drivers/virtio/",
          "kernel/drivers/uio/uio.ko",
          "kernel/drivers/uio/uio_pci_generic.ko",
          "kernel/drivers/net/virtio_net.ko",
          "kernel/drivers/net/net_failover.ko",
          "kernel/drivers/block/virtio_blk.ko",
          "kernel/drivers/acpi/button.ko",
          "kernel/drivers/input/evdev.ko",
          "kernel/drivers/misc/pvpanic/",
          "kernel/net/802/",
          "kernel/net/8021q/",
          "kernel/net/bridge/bridge.ko",
          "kernel/net/llc/llc.ko",
          "kernel/net/core/failover.ko",
          "kernel/virt/lib/irqbypass.ko");

  private static final String PYTHON_NAME = "python3.13";

  private Bundles() {}

  static Bundle.Identity identity(KernelVersion version) {
    return new Bundle.Identity("linux-" + version.label(), 2);
  }

  static Bundle qemu() {
    return new Bundle(
        QEMU,
        DebianSuite.TRIXIE_BACKPORTS,
        List.of("qemu-system-x86"),
        any -> true,
        (unpacked, kept) -> {
          keepProgram(unpacked, kept, QemuInstallation.PROGRAM);
          for (String file : QEMU_DATA) {
            copy(unpacked, kept, Path.of(file));
          }
        });
  }

  static Bundle tools() {
    return new Bundle(
        TOOLS,
        DebianSuite.TRIXIE,
        List.of("busybox-static", "e2fsprogs"),
        any -> true,
        (unpacked, kept) -> {
          for (String program : Tools.EXT4) {
            keepProgram(unpacked, kept, program);
          }
          copy(unpacked, kept, Path.of("usr/bin/busybox"));
        });
  }

  /// A network for guests out of ordinary sockets, which needs no rights; only tests want it.
  static Bundle passt() {
    return new Bundle(
        PASST,
        DebianSuite.TRIXIE,
        List.of("passt"),
        any -> true,
        (unpacked, kept) -> keepProgram(unpacked, kept, Cache.PASST));
  }

  /// Wireshark without its windows, which tells what it thinks of our captures; only tests want it.
  static Bundle wireshark() {
    return new Bundle(
        WIRESHARK,
        DebianSuite.TRIXIE,
        List.of("tshark"),
        any -> true,
        (unpacked, kept) -> {
          keepProgram(unpacked, kept, Cache.TSHARK);
          keepProgram(unpacked, kept, Cache.CAPINFOS);
        });
  }

  /// What others read event logs and hash trees with; only tests want it.
  static Bundle bootTools() {
    return new Bundle(
        BOOT_TOOLS,
        DebianSuite.TRIXIE,
        List.of("tpm2-tools", "cryptsetup-bin"),
        any -> true,
        (unpacked, kept) -> {
          keepProgram(unpacked, kept, Cache.TPM2);
          keepProgram(unpacked, kept, Cache.VERITYSETUP);
        });
  }

  /// DMTF's own client of Redfish, and the Python that runs it; only tests want it.
  static Bundle redfishtool() {
    return new Bundle(
        REDFISHTOOL,
        DebianSuite.TRIXIE,
        List.of("redfishtool"),
        any -> true,
        (unpacked, kept) -> {
          keepProgram(unpacked, kept, Cache.PYTHON);
          for (Path file : filesBelow(unpacked.resolve("usr/lib"))) {
            Path relative = unpacked.relativize(file);
            if (relative.startsWith("usr/lib/python3")
                || relative.startsWith("usr/lib/" + PYTHON_NAME)) {
              copy(unpacked, kept, relative);
            }
          }
          String modules = "usr/lib/" + PYTHON_NAME + "/lib-dynload/";
          for (String module : List.of("_ssl", "_hashlib")) {
            String object = modules + module + ".cpython-313-x86_64-linux-gnu.so";
            keepProgram(unpacked, kept, object);
          }
          copy(unpacked, kept, Path.of(Cache.REDFISHTOOL));
        });
  }

  /// A load generator for block devices; large, and only benchmarks want it.
  static Bundle fio() {
    return new Bundle(
        FIO,
        DebianSuite.TRIXIE,
        List.of("fio"),
        any -> true,
        (unpacked, kept) -> keepProgram(unpacked, kept, Cache.FIO));
  }

  /// @param tools for unpacking modules and working out their dependencies
  static Bundle kernel(KernelVersion version, Tools tools) {
    return new Bundle(
        identity(version),
        version.suite(),
        List.of("linux-image-cloud-amd64"),
        wanted -> wanted.name().startsWith("linux-"),
        (unpacked, kept) -> keepKernel(unpacked, kept, tools));
  }

  private static void keepProgram(Path unpacked, Path kept, String program)
      throws IOException, ProvisioningException, InterruptedException {
    for (Path object : new ProgramTree(unpacked).sharedObjects(program)) {
      copy(unpacked, kept, object);
    }
    copy(unpacked, kept, Path.of(program));
  }

  private static void keepKernel(Path unpacked, Path kept, Tools tools)
      throws IOException, ProvisioningException, InterruptedException {
    Path image = only(unpacked, "vmlinuz");
    String release = releaseIn(unpacked);
    Files.copy(image, kept.resolve("vmlinuz"));
    Files.copy(only(unpacked, "config"), kept.resolve("config"));
    Path source = moduleFolder(unpacked, release);
    Path target = Files.createDirectories(kept.resolve("lib/modules").resolve(release));
    for (String list : List.of("modules.order", "modules.builtin", "modules.builtin.modinfo")) {
      if (Files.exists(source.resolve(list))) {
        Files.copy(source.resolve(list), target.resolve(list));
      }
    }
    for (Path module : filesBelow(source)) {
      String name = source.relativize(module).toString();
      if (MODULES.stream().anyMatch(name::startsWith)) {
        copy(source, target, Path.of(name));
      }
    }
    decompress(target, tools);
    var depmod = tools.busybox("depmod", "-b", kept.toString(), release);
    if (depmod.exitCode() != 0) {
      throw new ProvisioningException("depmod failed: " + depmod.firstLine());
    }
  }

  private static void decompress(Path modules, Tools tools)
      throws IOException, ProvisioningException, InterruptedException {
    var words = new ArrayList<>(List.of("unxz"));
    filesBelow(modules).stream()
        .map(Path::toString)
        .filter(name -> name.endsWith(".xz"))
        .forEach(words::add);
    if (words.size() > 1) {
      var unxz = tools.busybox(words.toArray(String[]::new));
      if (unxz.exitCode() != 0) {
        throw new ProvisioningException("cannot decompress modules: " + unxz.firstLine());
      }
    }
  }

  /// The one file of a kernel package that is called `stem` or `stem-RELEASE`.
  private static Path only(Path unpacked, String stem) throws IOException, ProvisioningException {
    for (String folder : List.of("boot", "usr/lib/modules", "lib/modules")) {
      for (Path file : filesBelow(unpacked.resolve(folder))) {
        String name = file.getFileName().toString();
        if (name.equals(stem) || name.startsWith(stem + "-")) {
          return file;
        }
      }
    }
    throw new ProvisioningException("the kernel package has no " + stem);
  }

  private static String releaseIn(Path unpacked) throws IOException, ProvisioningException {
    for (String folder : List.of("usr/lib/modules", "lib/modules")) {
      if (Files.isDirectory(unpacked.resolve(folder))) {
        try (Stream<Path> releases = Files.list(unpacked.resolve(folder))) {
          return releases.map(r -> r.getFileName().toString()).sorted().findFirst().orElseThrow();
        }
      }
    }
    throw new ProvisioningException("the kernel package has no modules");
  }

  private static Path moduleFolder(Path unpacked, String release) {
    Path merged = unpacked.resolve("usr/lib/modules").resolve(release);
    return Files.isDirectory(merged) ? merged : unpacked.resolve("lib/modules").resolve(release);
  }

  private static List<Path> filesBelow(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    }
  }

  /// Copies a file, what a symbolic link points to included, unless it is there already.
  private static void copy(Path from, Path to, Path relative) throws IOException {
    Path target = to.resolve(relative);
    if (!Files.exists(target)) {
      Files.createDirectories(target.getParent());
      Files.copy(from.resolve(relative), target, java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
    }
  }
}
