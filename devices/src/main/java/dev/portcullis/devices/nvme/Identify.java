package dev.portcullis.devices.nvme;

import dev.portcullis.devices.block.BlockBackend;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/// Answers who controller and namespace are.
///
/// @nvme 5.15 Identify command
final class Identify {
  static final int VENDOR = 0x1234;
  static final int DEVICE = 0x4e56;

  static final String MODEL = "Portcullis NVMe Controller";
  static final String FIRMWARE = "1.0";

  private static final int SET_AND_SELECT_FEATURES = 1 << 4;
  private static final int OPTIONAL_COMMANDS =
      1 // Compare
          | 1 << 2 // Dataset Management
          | 1 << 3 // Write Zeroes
          | SET_AND_SELECT_FEATURES
          | 1 << 6 // Timestamp
          | 1 << 7; // Verify

  private static final int ZEROES_AFTER_DEALLOCATION = 1;
  private static final int DEALLOCATE_IN_WRITE_ZEROES = 1 << 3;

  private final Drive drive;
  private final UUID uuid;

  Identify(Drive drive) {
    this.drive = drive;
    String name = "dev.portcullis.nvme." + drive.options().serial();
    uuid = UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.US_ASCII));
  }

  void execute(Command command, Reply reply, DataPath data) {
    Page page = new Page(data.buffer());
    int structure = command.dword(10) & 0xff;
    int controller = command.dword(10) >>> 16;
    Status status =
        switch (structure) {
          case 0x00 -> namespace(page, command.namespace());
          case 0x01 -> controller(page);
          case 0x02 -> activeNamespaces(page, command.namespace());
          case 0x03 -> namespaceDescriptors(page, command.namespace());
          default -> Status.INVALID_FIELD;
        };
    if (controller != 0) {
      status = Status.INVALID_FIELD;
    }
    reply.end(status.isSuccess() ? data.reply(command, Page.BYTES) : status);
  }

  /// @nvme 5.15.2.1 Identify Namespace data structure (CNS 00h)
  private Status namespace(Page page, int id) {
    if (id != Namespace.ID) {
      return Status.INVALID_NAMESPACE;
    }
    Namespace namespace = drive.namespace();
    page.put(0, 8, namespace.blocks());
    page.put(8, 8, namespace.blocks());
    page.put(16, 8, namespace.blocks());
    if (namespace.deallocatedBytes() == BlockBackend.Deallocated.ZEROES) {
      page.put(33, 1, ZEROES_AFTER_DEALLOCATION | DEALLOCATE_IN_WRITE_ZEROES);
    }
    page.put(99, 1, namespace.isWriteProtected() ? 1 : 0);
    page.identifier(120, eui64());
    page.put(128, 4, (long) Integer.numberOfTrailingZeros(namespace.blockBytes()) << 16);
    return Status.SUCCESS;
  }

  /// An EUI-64 of nobody's: the bit for locally administered ones is set.
  private long eui64() {
    return uuid.getMostSignificantBits() & ~(3L << 56) | 2L << 56;
  }

  /// @nvme 5.15.2.2 Identify Controller data structure (CNS 01h)
  private Status controller(Page page) {
    page.put(0, 2, VENDOR);
    page.put(2, 2, VENDOR);
    page.text(4, 20, drive.options().serial());
    page.text(24, 40, MODEL);
    page.text(64, 8, FIRMWARE);
    page.put(72, 1, 6); // arbitration burst: up to 64 commands
    page.put(77, 1, drive.options().transferPagesLog2());
    page.put(80, 4, Registers.VERSION);
    page.put(84, 4, 1_000_000); // microseconds to wake up,
    page.put(88, 4, 5_000_000); // and to shut down
    page.put(111, 1, 1); // an I/O controller
    page.put(256, 2, 1 << 8); // Doorbell Buffer Config
    page.put(258, 1, 3); // aborts at a time, less one
    page.put(259, 1, AsyncEvents.LIMIT - 1);
    page.put(260, 1, 1 | 1 << 1); // one firmware slot, read-only
    page.put(261, 1, 1 | 1 << 1 | 1 << 2); // health log of the namespace, effects log, offsets
    page.put(262, 1, ErrorLog.ENTRIES - 1);
    page.put(266, 2, Drive.WARNING_KELVIN);
    page.put(268, 2, Drive.CRITICAL_KELVIN);
    page.put(512, 1, 0x11L * Registers.SUBMISSION_ENTRY_LOG2);
    page.put(513, 1, 0x11L * Registers.COMPLETION_ENTRY_LOG2);
    page.put(516, 4, 1); // namespaces
    page.put(520, 2, OPTIONAL_COMMANDS);
    page.put(525, 1, 1 | 3 << 1); // a volatile write cache; flush takes all namespaces
    byte[] name = ("nqn.2014-08.org.nvmexpress:uuid:" + uuid).getBytes(StandardCharsets.US_ASCII);
    for (int i = 0; i < name.length; i++) {
      page.put(768 + i, 1, name[i]);
    }
    page.put(2048, 2, 2500); // power state 0: 25 W
    return Status.SUCCESS;
  }

  private Status activeNamespaces(Page page, int after) {
    if (Integer.compareUnsigned(after, 0xffff_fffe) >= 0) {
      return Status.INVALID_NAMESPACE;
    }
    if (after == 0) {
      page.put(0, 4, Namespace.ID);
    }
    return Status.SUCCESS;
  }

  /// @nvme 5.15.2.4 Namespace Identification Descriptor list (CNS 03h)
  private Status namespaceDescriptors(Page page, int id) {
    if (id != Namespace.ID) {
      return Status.INVALID_NAMESPACE;
    }
    page.put(0, 2, 1 | 8 << 8);
    page.identifier(4, eui64());
    page.put(12, 2, 3 | 16 << 8);
    page.identifier(16, uuid);
    return Status.SUCCESS;
  }
}
