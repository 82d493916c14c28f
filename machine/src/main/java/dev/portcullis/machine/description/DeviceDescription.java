package dev.portcullis.machine.description;

import dev.portcullis.devices.nvme.NvmeOptions;
import dev.portcullis.devices.queue.QueuePairs;
import dev.portcullis.pci.RequesterId;
import java.nio.file.Path;

/// A device of a machine.
public sealed interface DeviceDescription {

  /// The kinds of devices there are, named as machine files name them.
  enum Type {
    NVME,
    EDU,
    IOMMU_TESTDEV,
    DMA_ENGINE,
    VIRTIO_NET
  }

  /// Its place.
  RequesterId at();

  /// Id of the unit that covers it.
  String unit();

  /// What it is.
  Type type();

  /// An NVMe controller with one namespace.
  ///
  /// @param backing where the namespace's bytes are
  /// @param queuePairs I/O queue pairs, 64 at most
  /// @param deviceTlb whether it has address translation services
  /// @param messages how its interrupts can leave it
  record Nvme(
      RequesterId at,
      String unit,
      Backing backing,
      QueuePairs queuePairs,
      boolean deviceTlb,
      NvmeOptions.Messages messages)
      implements DeviceDescription {

    /// The same with its bytes in `file`.
    public Nvme in(Path file) {
      return new Nvme(at, unit, backing.in(file), queuePairs, deviceTlb, messages);
    }

    @Override
    public Type type() {
      return Type.NVME;
    }
  }

  /// QEMU's device for teaching: its DMA engine does any DMA one asks for.
  ///
  /// @param dmaBits address lines its DMA engine has, 12 to 64
  record Edu(RequesterId at, String unit, int dmaBits) implements DeviceDescription {
    /// What there is if nothing else is said: any address.
    public static final int ANY_ADDRESS = 64;

    @Override
    public Type type() {
      return Type.EDU;
    }

    /// The address bits it can make.
    public long dmaMask() {
      return -1L >>> 64 - dmaBits;
    }
  }

  /// QEMU's device for tests of remapping units.
  record IommuTestdev(RequesterId at, String unit) implements DeviceDescription {
    @Override
    public Type type() {
      return Type.IOMMU_TESTDEV;
    }
  }

  /// A DMA engine with translation services, PASIDs and page requests.
  ///
  /// @param channels how many it has, 1 to 16
  record DmaEngine(RequesterId at, String unit, int channels) implements DeviceDescription {
    @Override
    public Type type() {
      return Type.DMA_ENGINE;
    }
  }

  /// A virtio network card.
  ///
  /// @param mac its address, 48 bits, the first byte on the wire highest
  /// @param queuePairs pairs of queues, 4 at most
  /// @param virtualFunctions how many others it can be, 0 to 7
  /// @param wire what its cable leads to
  record VirtioNet(
      RequesterId at,
      String unit,
      long mac,
      QueuePairs queuePairs,
      int virtualFunctions,
      WireDescription wire)
      implements DeviceDescription {
    /// What the address of a card begins with that is given none; its place follows.
    private static final long LOCAL = 0x0250_4300_0000L;

    /// The address of a card that is given none.
    static long defaultMac(RequesterId at) {
      return LOCAL | at.id();
    }

    @Override
    public Type type() {
      return Type.VIRTIO_NET;
    }
  }
}
