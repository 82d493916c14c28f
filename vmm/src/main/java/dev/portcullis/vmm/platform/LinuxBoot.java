package dev.portcullis.vmm.platform;

import dev.portcullis.qemu.guest.GuestSession;
import dev.portcullis.qemu.guest.Initramfs;
import dev.portcullis.qemu.install.ProvisioningException;
import dev.portcullis.qemu.run.QemuCommandLine;
import dev.portcullis.vmm.engine.EngineException;
import dev.portcullis.vmm.engine.qemu.LinuxSupply;
import dev.portcullis.vmm.platform.boot.BootPart;
import dev.portcullis.vmm.platform.boot.BootPart.Kind;
import dev.portcullis.vmm.platform.boot.HeldFile;
import dev.portcullis.vmm.platform.description.BootDescription;
import dev.portcullis.vmm.platform.description.PartitionDescription;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What a Linux in QEMU boots from: firmware, kernel, first file system, command line. Each start
/// takes copies of its own, which are what is measured and what QEMU is given.
final class LinuxBoot {
  /// Drivers of network cards, and the bridge; some kernels have a part of them built in.
  private static final String[] MODULES = {"virtio_pci", "virtio_net", "bridge"};

  private final LinuxSupply supply;
  private final BootDescription wanted;
  private final long mostBytes;
  private final Path folder;
  private final Path initramfs;

  private LinuxBoot(
      LinuxSupply supply, PartitionDescription partition, Path folder, Path initramfs) {
    this.supply = supply;
    this.wanted = partition.boot();
    this.mostBytes = partition.memoryBytes();
    this.folder = folder;
    this.initramfs = initramfs;
  }

  /// What `partition` boots from.
  ///
  /// @param folder a private one, for copies
  static LinuxBoot of(LinuxSupply supply, PartitionDescription partition, Path folder)
      throws IOException, ProvisioningException, InterruptedException {
    Optional<Path> own = partition.boot().initramfs();
    if (own.isPresent()) {
      return new LinuxBoot(supply, partition, folder, own.get());
    }
    Path made = folder.resolve("initramfs.made");
    files(supply).writeTo(made);
    return new LinuxBoot(supply, partition, folder, made);
  }

  private static Initramfs files(LinuxSupply supply) {
    Initramfs files =
        Initramfs.of(supply.tools()).modules(supply.kernel()).obeying(supply.kernel());
    for (String module : MODULES) {
      if (supply.kernel().hasModule(module)) {
        files.load(module);
      }
    }
    return files;
  }

  /// Takes copies, and adds them to `line`.
  ///
  /// @return what was measured meanwhile
  /// @throws EngineException if something cannot be read, or is larger than the partition's memory
  List<BootPart> addTo(QemuCommandLine line) throws EngineException {
    try {
      List<BootPart> parts = new ArrayList<>();
      Optional<Path> firmware = supply.qemu().firmware();
      if (firmware.isPresent()) {
        line.firmware(hold(Kind.FIRMWARE, firmware.get(), parts));
      }
      Path kernel = hold(Kind.KERNEL, wanted.kernel().orElse(supply.kernel().image()), parts);
      GuestSession.prepare(line.kernel(kernel, hold(Kind.INITRAMFS, initramfs, parts)));
      line.append(Initramfs.SHELL_BESIDE);
      wanted.append().ifPresent(line::append);
      return parts;
    } catch (IOException e) {
      throw new EngineException("cannot be booted: " + reason(e), e);
    }
  }

  private static String reason(IOException e) {
    return e instanceof NoSuchFileException ? "there is no file " + e.getMessage() : e.getMessage();
  }

  private Path hold(Kind kind, Path source, List<BootPart> parts) throws IOException {
    HeldFile held = HeldFile.copy(kind, source, folder.resolve(kind.word()), mostBytes);
    parts.add(held.part());
    return held.path();
  }
}
