package dev.portcullis.qemu.install;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// The folder that QEMU, kernels and tools are kept in, and the way to get them: each is installed
/// on first use, from the Debian mirror of the host, and then stays.
///
/// Several threads and processes may use one folder. Nothing outside the folder is changed.
public final class Cache {

  /// The load generator in its tree, relative to the root.
  public static final String FIO = "usr/bin/fio";

  /// `passt` in its tree, relative to the root.
  public static final String PASST = "usr/bin/passt";

  /// Wireshark for the command line in its tree, relative to the root.
  public static final String TSHARK = "usr/bin/tshark";

  /// What tells of a capture file in the tree of [#TSHARK], relative to the root.
  public static final String CAPINFOS = "usr/bin/capinfos";

  /// The TPM's tools in one program, relative to the root: `tpm2 eventlog` is `tpm2_eventlog`.
  public static final String TPM2 = "usr/bin/tpm2";

  /// DMTF's client of Redfish, relative to the root of its tree: a script for [#PYTHON].
  public static final String REDFISHTOOL = "usr/bin/redfishtool";

  /// Python in the tree of [#REDFISHTOOL], relative to the root.
  public static final String PYTHON = "usr/bin/python3.13";

  /// The program for hash trees in the tree of [#TPM2], relative to the root.
  public static final String VERITYSETUP = "usr/sbin/veritysetup";

  private final Path home;
  private final Installer installer;

  private Cache(Path home) {
    this.home = home.toAbsolutePath().normalize();
    this.installer = new Installer(this.home);
  }

  /// The cache in a folder, which is created on first use.
  public static Cache in(Path home) {
    return new Cache(home);
  }

  /// Where the cache of a user lies: `$XDG_CACHE_HOME/portcullis`, or `~/.cache/portcullis`.
  ///
  /// @param environment of the process, as `System.getenv()` gives it
  public static Path defaultHome(Map<String, String> environment) {
    String configured = environment.getOrDefault("XDG_CACHE_HOME", "");
    Path base =
        configured.startsWith("/")
            ? Path.of(configured)
            : Path.of(environment.getOrDefault("HOME", "/tmp"), ".cache");
    return base.resolve("portcullis");
  }

  public Path home() {
    return home;
  }

  /// A QEMU with vfio-user.
  public QemuInstallation qemu(Progress progress)
      throws ProvisioningException, InterruptedException {
    return QemuInstallation.in(qemuTree(progress));
  }

  /// The files of that QEMU, for a guest that runs guests itself.
  public ProgramTree qemuTree(Progress progress)
      throws ProvisioningException, InterruptedException {
    return new ProgramTree(installer.install(Bundles.qemu(), progress));
  }

  /// Busybox and the ext4 tools.
  public Tools tools(Progress progress) throws ProvisioningException, InterruptedException {
    return new Tools(new ProgramTree(installer.install(Bundles.tools(), progress)));
  }

  /// A Debian kernel.
  public Kernel kernel(KernelVersion version, Progress progress)
      throws ProvisioningException, InterruptedException {
    return Kernel.in(installer.install(Bundles.kernel(version, tools(progress)), progress));
  }

  /// The kernel that a person asks for: `6.1`, `6.12`, `latest`, or the path of a bzImage.
  public Kernel kernel(String choice, Progress progress)
      throws ProvisioningException, InterruptedException {
    Optional<KernelVersion> version = KernelVersion.labelled(choice);
    return version.isPresent() ? kernel(version.get(), progress) : Kernel.of(Path.of(choice));
  }

  /// A tree with [#FIO], for benchmarks.
  public ProgramTree fio(Progress progress) throws ProvisioningException, InterruptedException {
    return new ProgramTree(installer.install(Bundles.fio(), progress));
  }

  /// A tree with [#PASST], for tests of networks.
  public ProgramTree passt(Progress progress) throws ProvisioningException, InterruptedException {
    return new ProgramTree(installer.install(Bundles.passt(), progress));
  }

  /// A tree with [#TSHARK] and [#CAPINFOS], for tests of captures.
  public ProgramTree wireshark(Progress progress)
      throws ProvisioningException, InterruptedException {
    return new ProgramTree(installer.install(Bundles.wireshark(), progress));
  }

  /// A tree with [#TPM2] and [#VERITYSETUP], for tests of verified boot.
  public ProgramTree bootTools(Progress progress)
      throws ProvisioningException, InterruptedException {
    return new ProgramTree(installer.install(Bundles.bootTools(), progress));
  }

  /// A tree with [#REDFISHTOOL] and [#PYTHON], for tests of Redfish.
  public ProgramTree redfishtool(Progress progress)
      throws ProvisioningException, InterruptedException {
    return new ProgramTree(installer.install(Bundles.redfishtool(), progress));
  }

  /// QEMU, if it is here already.
  public Optional<QemuInstallation> installedQemu()
      throws ProvisioningException, InterruptedException {
    return installer.has(Bundles.QEMU) ? Optional.of(qemu(Progress.none())) : Optional.empty();
  }

  /// Busybox and the ext4 tools, if they are here already.
  public Optional<Tools> installedTools() throws ProvisioningException, InterruptedException {
    return installer.has(Bundles.TOOLS) ? Optional.of(tools(Progress.none())) : Optional.empty();
  }

  /// A kernel, if it is here already.
  public Optional<Kernel> installedKernel(KernelVersion version)
      throws ProvisioningException, InterruptedException {
    var bundle = Bundles.identity(version);
    return installer.has(bundle)
        ? Optional.of(Kernel.in(home.resolve(bundle.name())))
        : Optional.empty();
  }
}
