package dev.portcullis.qemu.install;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/// A Linux kernel to boot.
///
/// @param image the bzImage
/// @param release what `uname -r` will say in the guest
/// @param tree the folder in which `lib/modules/RELEASE` holds its modules and `config` its
///   configuration; empty for an image of the user's own
public record Kernel(Path image, String release, Optional<Path> tree) {

  /// Offsets in a bzImage, from Linux's boot protocol for x86.
  private static final int MAGIC_OFFSET = 0x202;

  private static final int VERSION_POINTER_OFFSET = 0x20e;
  private static final int SETUP_START = 0x200;
  private static final int SETUP_LIMIT = 0x11000;
  private static final int MAGIC = 0x53726448; // "HdrS"

  /// A kernel image of the user's own, without modules.
  ///
  /// @throws ProvisioningException if the file is not a readable bzImage
  public static Kernel of(Path image) throws ProvisioningException {
    return new Kernel(image, releaseOf(image), Optional.empty());
  }

  static Kernel in(Path tree) throws ProvisioningException {
    Path image = tree.resolve("vmlinuz");
    return new Kernel(image, releaseOf(image), Optional.of(tree));
  }

  /// The folder of its modules, as it will be seen in the guest below `/lib/modules`.
  public Optional<Path> modules() {
    return tree.map(t -> t.resolve("lib/modules").resolve(release)).filter(Files::isDirectory);
  }

  /// Whether `name` is one of its modules. One that is not may be built in.
  public boolean hasModule(String name) {
    return modules().isPresent() && contains(modules().get(), name + ".ko");
  }

  private static boolean contains(Path folder, String file) {
    try (Stream<Path> found = Files.walk(folder)) {
      return found.anyMatch(path -> path.endsWith(file));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot look through " + folder, e);
    }
  }

  private static String releaseOf(Path image) throws ProvisioningException {
    try (InputStream file = Files.newInputStream(image)) {
      var header = ByteBuffer.wrap(file.readNBytes(SETUP_LIMIT)).order(ByteOrder.LITTLE_ENDIAN);
      if (header.limit() < SETUP_LIMIT || header.getInt(MAGIC_OFFSET) != MAGIC) {
        throw new ProvisioningException(image + " is not a Linux bzImage");
      }
      int start = SETUP_START + Short.toUnsignedInt(header.getShort(VERSION_POINTER_OFFSET));
      int end = start;
      while (end < header.limit() && header.get(end) > ' ') {
        end++;
      }
      return new String(header.array(), start, end - start, StandardCharsets.US_ASCII);
    } catch (IOException e) {
      throw new ProvisioningException("cannot read the kernel image " + image + ": " + e, e);
    }
  }
}
