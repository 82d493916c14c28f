package dev.portcullis.vmm.platform.description;

import java.nio.file.Path;
import java.util.Optional;

/// What a partition boots from, if its file says so.
///
/// @param kernel of one in QEMU; the provided one if not said
/// @param initramfs of one in QEMU; the provided one if not said
/// @param append words for the kernel's command line, behind all others
/// @param image what is put into an embedded partition's memory at each start
public record BootDescription(
    Optional<Path> kernel,
    Optional<Path> initramfs,
    Optional<String> append,
    Optional<ImageDescription> image) {

  /// Nothing is said.
  public static final BootDescription NONE =
      new BootDescription(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

  /// A file in memory.
  ///
  /// @param at guest physical address of its first byte
  public record ImageDescription(Path file, long at) {}

  /// Whether it says something that only a partition in QEMU has.
  boolean isOfQemu() {
    return kernel.isPresent() || initramfs.isPresent() || append.isPresent();
  }
}
