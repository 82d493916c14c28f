package dev.portcullis.cli;

import static dev.portcullis.cli.Finding.bad;
import static dev.portcullis.cli.Finding.good;
import static dev.portcullis.cli.Finding.note;

import dev.portcullis.qemu.install.Cache;
import dev.portcullis.qemu.install.Kernel;
import dev.portcullis.qemu.install.KernelVersion;
import dev.portcullis.qemu.install.ProvisioningException;
import dev.portcullis.qemu.install.QemuInstallation;
import dev.portcullis.qemu.run.KvmState;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Looks at a computer, changing nothing but an empty cache folder.
final class Examination {
  private static final int NEEDED_JDK = 25;
  private static final long NEEDED_DISK_BYTES = 2L << 30;
  private static final Duration KVM_LIMIT = Duration.ofSeconds(8);
  private static final Path KEYRING = Path.of("/usr/share/keyrings/debian-archive-keyring.gpg");

  private final Cache cache;
  private final Optional<QemuInstallation> own;
  private final Map<String, String> environment;
  private final List<Finding> findings = new ArrayList<>();

  /// @param own a QEMU of the user's, to be used instead of the cache's
  Examination(Cache cache, Optional<QemuInstallation> own, Map<String, String> environment) {
    this.cache = cache;
    this.own = own;
    this.environment = environment;
  }

  List<Finding> findings() throws ProvisioningException, InterruptedException {
    examineHost();
    examineJdk();
    boolean complete = examineProvisions();
    if (!complete) {
      examineMirror();
    }
    examineCache(complete);
    return findings;
  }

  private void examineHost() {
    String system = System.getProperty("os.name") + " on " + System.getProperty("os.arch");
    findings.add(
        system.equals("Linux on amd64")
            ? good("host", system)
            : bad("host", system + ": Linux on a 64-bit x86 processor is needed"));
  }

  private void examineJdk() {
    String jdk = Runtime.version() + " in " + System.getProperty("java.home");
    findings.add(
        Runtime.version().feature() >= NEEDED_JDK
            ? good("JDK", jdk)
            : bad("JDK", jdk + ": install JDK " + NEEDED_JDK + " or later"));
  }

  /// @return whether QEMU and a kernel are here
  private boolean examineProvisions() throws ProvisioningException, InterruptedException {
    Optional<QemuInstallation> qemu = own.isPresent() ? own : cache.installedQemu();
    if (qemu.isEmpty()) {
      findings.add(note("QEMU", "not here yet: provided when it is first needed"));
    } else if (qemu.get().hasVfioUser()) {
      findings.add(good("QEMU", qemu.get().version() + " with vfio-user-pci"));
    } else {
      findings.add(
          bad("QEMU", qemu.get().version() + " without vfio-user-pci: 10.1 or later is needed"));
    }
    Optional<Kernel> kernel = examineKernels();
    examineKvm(qemu, kernel);
    return qemu.isPresent() && kernel.isPresent();
  }

  /// @return one of them
  private Optional<Kernel> examineKernels() throws ProvisioningException, InterruptedException {
    Optional<Kernel> any = Optional.empty();
    for (KernelVersion version : KernelVersion.values()) {
      String subject = "kernel " + version.label();
      var kernel = cache.installedKernel(version);
      any = any.or(() -> kernel);
      findings.add(
          kernel
              .map(k -> good(subject, k.release()))
              .orElseGet(() -> note(subject, "not here yet: provided when it is first needed")));
    }
    return any;
  }

  private void examineKvm(Optional<QemuInstallation> qemu, Optional<Kernel> kernel)
      throws InterruptedException {
    if (qemu.isEmpty() || kernel.isEmpty()) {
      findings.add(note("/dev/kvm", "cannot be tried before QEMU and a kernel are here"));
      return;
    }
    findings.add(
        switch (KvmState.probe(qemu.get(), kernel.get(), KVM_LIMIT)) {
          case USABLE -> good("/dev/kvm", "works");
          case ABSENT ->
              note("/dev/kvm", "is not there: the guest is emulated, several times slower");
          case NOT_PERMITTED ->
              note(
                  "/dev/kvm",
                  "may not be used by you: the guest is emulated; join its group (often kvm)");
          case BROKEN ->
              note("/dev/kvm", "is there but does not work: the guest is emulated, slower");
        });
  }

  private void examineMirror() {
    if (!isOnPath("apt-get") || !isOnPath("dpkg-deb")) {
      findings.add(
          bad(
              "apt",
              "apt-get and dpkg-deb are needed to provide QEMU and kernels: install apt and dpkg"));
    } else if (!Files.isReadable(KEYRING)) {
      findings.add(bad("apt", KEYRING + " is missing: install debian-archive-keyring"));
    } else {
      findings.add(good("apt", "can provide what is missing"));
    }
  }

  private boolean isOnPath(String program) {
    for (String folder : environment.getOrDefault("PATH", "").split(File.pathSeparator)) {
      if (!folder.isEmpty() && Files.isExecutable(Path.of(folder, program))) {
        return true;
      }
    }
    return false;
  }

  private void examineCache(boolean complete) {
    try {
      Path home = Files.createDirectories(cache.home());
      if (!Files.isWritable(home)) {
        findings.add(bad("cache", home + " cannot be written: set XDG_CACHE_HOME to another"));
        return;
      }
      long freeBytes = Files.getFileStore(home).getUsableSpace();
      String space = "%.1f GiB free in %s".formatted((double) freeBytes / (1L << 30), home);
      findings.add(
          complete || freeBytes >= NEEDED_DISK_BYTES
              ? good("cache", space)
              : bad("cache", space + ": QEMU and kernels need 2 GiB; set XDG_CACHE_HOME"));
    } catch (IOException e) {
      findings.add(
          bad("cache", cache.home() + " cannot be made: set XDG_CACHE_HOME to another folder"));
    }
  }
}
