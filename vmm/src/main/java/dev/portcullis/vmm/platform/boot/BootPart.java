package dev.portcullis.vmm.platform.boot;

import java.util.HexFormat;
import java.util.Locale;

/// A file that a partition boots from, as it will be loaded.
///
/// @param name where it came from, for people
/// @param bytes its length
/// @param sha256 of the very bytes that will be loaded, in lower-case hexadecimal
public record BootPart(Kind kind, String name, long bytes, String sha256) {

  /// What a file is to a partition.
  public enum Kind {
    /// What runs first in a QEMU partition. An embedded one has none: it begins in its software.
    FIRMWARE,
    KERNEL,
    INITRAMFS,
    /// What is put into an embedded partition's memory.
    IMAGE;

    /// As it is written in files.
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// The digest's 32 bytes.
  public byte[] digest() {
    return HexFormat.of().parseHex(sha256);
  }
}
