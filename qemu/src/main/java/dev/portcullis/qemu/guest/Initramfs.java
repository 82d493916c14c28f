package dev.portcullis.qemu.guest;

import dev.portcullis.qemu.install.Kernel;
import dev.portcullis.qemu.install.ProgramTree;
import dev.portcullis.qemu.install.ProvisioningException;
import dev.portcullis.qemu.install.Tools;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/// The initial file system of a guest: busybox, our `/init`, and what is added here.
///
/// `/init` mounts the usual file systems and loads the modules asked for. Then it gives a root
/// shell to the console, or, told so on the kernel command line, serves a [GuestSession], or both.
public final class Initramfs {

  /// The kernel parameter that makes `/init` serve a session instead of the console.
  static final String SERVE_SESSION = "portcullis.guest=session";

  /// The kernel parameter that makes `/init` give a root shell to the console beside the session.
  public static final String SHELL_BESIDE = "portcullis.console=shell";

  private static final int EXECUTABLE = 0755;
  private static final int READABLE = 0644;

  /// Where Linux looks for ACPI tables that replace or join those of the firmware.
  private static final String ACPI_FOLDER = "kernel/firmware/acpi/";

  private final Tools tools;
  private final Map<String, byte[]> acpiTables = new LinkedHashMap<>();
  private final List<Program> programs = new ArrayList<>();
  private final List<Kernel> kernels = new ArrayList<>();
  private final List<String> loadedModules = new ArrayList<>();
  private final Map<String, String> links = new TreeMap<>();
  private final Map<String, Path> files = new LinkedHashMap<>();

  private record Program(ProgramTree tree, String path) {}

  private Initramfs(Tools tools) {
    this.tools = tools;
  }

  /// A file system with busybox only.
  public static Initramfs of(Tools tools) {
    return new Initramfs(tools);
  }

  /// Adds the modules of a kernel, for `modprobe`.
  public Initramfs modules(Kernel kernel) {
    kernels.add(kernel);
    return this;
  }

  /// Has the guest switch off when its power button is pressed, and tell of a panic, if the kernel
  /// has drivers for that.
  public Initramfs obeying(Kernel kernel) {
    for (String module : List.of("button", "evdev", "pvpanic-mmio")) {
      if (kernel.hasModule(module)) {
        loadedModules.add(module);
      }
    }
    return this;
  }

  /// Loads modules before anything else runs.
  public Initramfs load(String... names) {
    loadedModules.addAll(List.of(names));
    return this;
  }

  /// Adds `mkfs.ext4`, `e2fsck`, `tune2fs` and `dumpe2fs`. (What the guest's shell takes for
  /// `mke2fs` is busybox's own, for ext2.)
  public Initramfs ext4() {
    Tools.EXT4.forEach(path -> program(tools.tree(), path));
    links.put("usr/sbin/mkfs.ext4", "mke2fs");
    return this;
  }

  /// Adds a program with the libraries it needs.
  ///
  /// @param path relative to the tree's root, the same in the guest
  public Initramfs program(ProgramTree tree, String path) {
    programs.add(new Program(tree, path));
    return this;
  }

  /// Adds an executable file of the host.
  ///
  /// @param path in the guest, without a leading slash
  public Initramfs file(String path, Path source) {
    files.put(path, source);
    return this;
  }

  /// Adds an ACPI table that replaces the firmware's of the same signature and a lower revision, or
  /// joins them.
  ///
  /// @param name of the file, without extension
  public Initramfs acpiTable(String name, byte[] table) {
    acpiTables.put(name, table.clone());
    return this;
  }

  /// Writes the archive.
  public void writeTo(Path target) throws IOException, ProvisioningException, InterruptedException {
    try (var cpio = new CpioWriter(new BufferedOutputStream(Files.newOutputStream(target)))) {
      // Linux looks for tables long before it unpacks the archive, so they come first.
      for (var table : acpiTables.entrySet()) {
        cpio.file(ACPI_FOLDER + table.getKey() + ".aml", READABLE, table.getValue());
      }
      for (String folder : List.of("dev", "proc", "sys", "tmp", "run", "mnt", "root", "sbin")) {
        cpio.folder(folder);
      }
      cpio.file("init", EXECUTABLE, resource("init.sh"));
      cpio.file("etc/session", EXECUTABLE, resource("session.sh"));
      cpio.file("etc/profile", READABLE, resource("profile.sh"));
      cpio.file("etc/passwd", READABLE, resource("passwd"));
      cpio.file("etc/acpi/PWRF/00000080", EXECUTABLE, resource("power.sh"));
      cpio.file("etc/modules", READABLE, lines(loadedModules));
      copy(cpio, "bin/busybox", tools.busybox());
      for (Program program : programs) {
        add(cpio, program);
      }
      for (Kernel kernel : kernels) {
        addModules(cpio, kernel);
      }
      for (var link : links.entrySet()) {
        cpio.link(link.getKey(), link.getValue());
      }
      for (var file : files.entrySet()) {
        copy(cpio, file.getKey(), file.getValue());
      }
    }
  }

  private static void add(CpioWriter cpio, Program program)
      throws IOException, ProvisioningException, InterruptedException {
    Path root = program.tree().root();
    for (Path object : program.tree().sharedObjects(program.path())) {
      copy(cpio, object.toString(), root.resolve(object));
      String interpreter = "lib64/" + object.getFileName();
      if (object.equals(ProgramTree.LOADER) && !cpio.has(interpreter)) {
        cpio.link(interpreter, "/" + object);
      }
    }
    copy(cpio, program.path(), root.resolve(program.path()));
  }

  private static void addModules(CpioWriter cpio, Kernel kernel) throws IOException {
    if (kernel.modules().isPresent()) {
      Path folder = kernel.modules().get();
      try (Stream<Path> found = Files.walk(folder)) {
        for (Path file : (Iterable<Path>) found.filter(Files::isRegularFile).sorted()::iterator) {
          copy(cpio, "lib/modules/" + kernel.release() + "/" + folder.relativize(file), file);
        }
      }
    }
  }

  private static void copy(CpioWriter cpio, String name, Path source) throws IOException {
    if (!cpio.has(name)) {
      cpio.file(name, EXECUTABLE, Files.readAllBytes(source));
    }
  }

  private static byte[] lines(List<String> lines) {
    return (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream input = Initramfs.class.getResourceAsStream(name)) {
      return input.readAllBytes();
    }
  }
}
