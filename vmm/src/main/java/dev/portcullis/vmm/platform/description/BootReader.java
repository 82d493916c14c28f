package dev.portcullis.vmm.platform.description;

import dev.portcullis.machine.description.ByteSize;
import dev.portcullis.machine.description.MachineFileException;
import dev.portcullis.machine.description.Section;
import dev.portcullis.vmm.platform.description.BootDescription.ImageDescription;
import dev.portcullis.vmm.platform.description.PartitionDescription.EngineKind;
import java.nio.file.Path;
import java.util.Optional;

/// Reads what a partition of a platform file boots from.
final class BootReader {
  /// Linux takes no more.
  private static final int MOST_APPEND_CHARACTERS = 1024;

  private static final long PAGE_BYTES = 4096;

  private final Path folder;

  /// @param folder what relative paths start from
  BootReader(Path folder) {
    this.folder = folder;
  }

  BootDescription read(Section section, EngineKind engine, long memoryBytes)
      throws MachineFileException {
    BootDescription boot =
        new BootDescription(
            section.value("kernel", this::path),
            section.value("initramfs", this::path),
            section.value("append", BootReader::words),
            image(section, memoryBytes));
    if (boot.isOfQemu() && engine != EngineKind.QEMU) {
      throw section.wrong("\"kernel\", \"initramfs\" and \"append\" need \"engine: qemu\"");
    }
    if (boot.image().isPresent() && engine != EngineKind.EMBEDDED) {
      throw section.wrong("image", "only an embedded partition has one: take \"engine: embedded\"");
    }
    return boot;
  }

  private Path path(String text) {
    return folder.resolve(text).normalize();
  }

  private static String words(String text) {
    if (text.length() > MOST_APPEND_CHARACTERS || text.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException(
          "up to %d characters on one line".formatted(MOST_APPEND_CHARACTERS));
    }
    return text;
  }

  private Optional<ImageDescription> image(Section section, long memoryBytes)
      throws MachineFileException {
    Optional<Section> image = section.section("image");
    if (image.isEmpty()) {
      return Optional.empty();
    }
    Path file = image.get().required("file", this::path);
    long at = image.get().value("at", ByteSize::parse).orElse(0L);
    if (at % PAGE_BYTES != 0 || at >= memoryBytes) {
      throw image
          .get()
          .wrong(
              "at",
              "%s: a multiple of 4 KiB below %s"
                  .formatted(ByteSize.toText(at), ByteSize.toText(memoryBytes)));
    }
    image.get().end();
    return Optional.of(new ImageDescription(file, at));
  }
}
