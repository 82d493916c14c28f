package dev.portcullis.machine.description;

import dev.portcullis.devices.nvme.NvmeOptions.Messages;
import dev.portcullis.devices.queue.QueuePairs;
import dev.portcullis.machine.description.Backing.Access;
import dev.portcullis.machine.description.Backing.Creation;
import dev.portcullis.machine.description.DeviceDescription.DmaEngine;
import dev.portcullis.machine.description.DeviceDescription.Edu;
import dev.portcullis.machine.description.DeviceDescription.IommuTestdev;
import dev.portcullis.machine.description.DeviceDescription.Nvme;
import dev.portcullis.machine.description.DeviceDescription.Type;
import dev.portcullis.machine.description.DeviceDescription.VirtioNet;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.pci.Sriov;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Reads one entry of `devices`.
final class DeviceReader {
  private static final int QUEUE_PAIRS = 16;
  private static final int DISK_PAIRS = 64;
  private static final int CHANNELS = 4;
  private static final int CARD_PAIRS = dev.portcullis.devices.net.VirtioNet.MOST_PAIRS;

  private final Section section;
  private final List<String> units;
  private final Path folder;

  private DeviceReader(Section section, List<String> units, Path folder) {
    this.section = section;
    this.units = units;
    this.folder = folder;
  }

  /// @param units ids of the units there are
  /// @param folder what relative paths start from
  static DeviceDescription read(Section section, List<String> units, Path folder)
      throws MachineFileException {
    return new DeviceReader(section, units, folder).read();
  }

  private DeviceDescription read() throws MachineFileException {
    Type type =
        section.choice("type", Type.class).orElseThrow(() -> section.wrong("\"type\" is missing"));
    RequesterId at = section.required("at", Place::parse);
    String unit =
        section.value("unit", text -> Names.find(text, units, id -> id)).orElse(units.getFirst());
    return switch (type) {
      case NVME ->
          new Nvme(
              at,
              unit,
              backing(),
              pairs(QUEUE_PAIRS, DISK_PAIRS),
              section.flag("device-tlb").orElse(false),
              section.choice("interrupts", Messages.class).orElse(Messages.MSI_X));
      case EDU -> new Edu(at, unit, section.number("dma-bits", 12, 64).orElse(Edu.ANY_ADDRESS));
      case IOMMU_TESTDEV -> new IommuTestdev(at, unit);
      case DMA_ENGINE ->
          new DmaEngine(at, unit, section.number("channels", 1, 16).orElse(CHANNELS));
      case VIRTIO_NET ->
          new VirtioNet(
              at,
              unit,
              section.value("mac", DeviceReader::mac).orElse(VirtioNet.defaultMac(at)),
              pairs(1, CARD_PAIRS),
              section.number("virtual-functions", 0, Sriov.MOST_FUNCTIONS).orElse(0),
              WireReader.read(section, this::path));
    };
  }

  /// Those that are offered, and those that may be.
  private QueuePairs pairs(int usual, int most) throws MachineFileException {
    int offered = section.number("queue-pairs", 1, most).orElse(usual);
    return new QueuePairs(
        offered, section.number("most-queue-pairs", offered, most).orElse(offered));
  }

  private Backing backing() throws MachineFileException {
    Optional<Path> file = section.value("file", this::path);
    long sizeBytes = section.value("size", ByteSize::parse).orElse(Backing.DEFAULT_BYTES);
    Creation creation = section.choice("create", Creation.class).orElse(Creation.IF_MISSING);
    Access access = section.choice("access", Access.class).orElse(Access.READ_WRITE);
    try {
      return new Backing(file, sizeBytes, creation, access);
    } catch (IllegalArgumentException refused) {
      throw section.wrong("size", refused.getMessage());
    }
  }

  /// An address of one card: that of a group, with the lowest bit of its first byte set, is none.
  private static long mac(String text) {
    if (!text.matches("([0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}")) {
      throw new IllegalArgumentException(
          "\"" + text + "\" is no address of a card: six bytes are needed, 02:50:43:00:00:01");
    }
    long mac = Long.parseLong(text.replace(":", ""), 16);
    if ((mac >>> 40 & 1) != 0 || mac == 0) {
      throw new IllegalArgumentException(
          "\"" + text + "\" is no address of one card: take one that begins with 02");
    }
    return mac;
  }

  private Path path(String text) {
    try {
      return folder.resolve(text).normalize();
    } catch (InvalidPathException refused) {
      throw new IllegalArgumentException("\"" + text + "\" is not a path", refused);
    }
  }
}
