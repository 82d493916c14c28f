package dev.portcullis.devices.nvme;

import java.lang.foreign.MemorySegment;

/// Answers what has happened.
///
/// @nvme 5.14 Get Log Page command
final class LogPages {
  private static final int ERRORS = 0x01;
  private static final int HEALTH = 0x02;
  private static final int FIRMWARE_SLOTS = 0x03;
  private static final int COMMAND_EFFECTS = 0x05;

  private static final int RETAIN_EVENT = 1 << 15;

  private final Drive drive;
  private final Features features;
  private final AsyncEvents events;

  LogPages(Drive drive, Features features, AsyncEvents events) {
    this.drive = drive;
    this.features = features;
    this.events = events;
  }

  void execute(Command command, Reply reply, DataPath data) {
    long dwords = ((command.dword(11) & 0xffffL) << 16 | command.dword(10) >>> 16) + 1;
    long offset = (long) command.dword(13) << 32 | command.dword(12) & 0xffff_ffffL;
    int id = command.dword(10) & 0xff;
    reply.end(answer(command, data, id, offset, dwords * 4));
    boolean retain = (command.dword(10) & RETAIN_EVENT) != 0;
    if (reply.status().isSuccess() && !retain) {
      acknowledge(id);
    }
  }

  private Status answer(Command command, DataPath data, int id, long offset, long lengthBytes) {
    int nsid = command.namespace();
    if (nsid != 0 && nsid != Namespace.ID && nsid != Command.ALL_NAMESPACES) {
      return Status.INVALID_NAMESPACE;
    }
    if (lengthBytes > data.mostBytes()) {
      return Status.INVALID_FIELD;
    }
    int size = describe(new Page(data.buffer()), id);
    if (size == 0) {
      return Status.INVALID_LOG_PAGE;
    }
    if ((offset & 3) != 0 || offset < 0 || offset >= size) {
      return Status.INVALID_FIELD;
    }
    // What the host asks for beyond the end of the log stays as it was.
    int length = (int) Math.min(lengthBytes, size - offset);
    MemorySegment.copy(data.buffer(), offset, data.buffer(), 0, length);
    return data.reply(command, length);
  }

  /// @return the size of the log in bytes, 0 if there is none of this id
  private int describe(Page page, int id) {
    return switch (id) {
      case ERRORS -> {
        drive.errors().describe(page);
        yield ErrorLog.ENTRIES * ErrorLog.ENTRY_BYTES;
      }
      case HEALTH -> {
        drive.health().describe(page, features.criticalWarnings(), drive.errors().count());
        yield HealthLog.BYTES;
      }
      case FIRMWARE_SLOTS -> {
        page.put(0, 1, 1);
        page.text(8, 8, Identify.FIRMWARE);
        yield 512;
      }
      case COMMAND_EFFECTS -> {
        AdminCommands.describeEffects(page);
        NvmCommands.describeEffects(page);
        yield Page.BYTES;
      }
      default -> 0;
    };
  }

  private void acknowledge(int id) {
    switch (id) {
      case ERRORS -> events.acknowledge(AsyncEvent.Type.ERROR);
      case HEALTH -> events.acknowledge(AsyncEvent.Type.HEALTH);
      default -> {}
    }
  }
}
