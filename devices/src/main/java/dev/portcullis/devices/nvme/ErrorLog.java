package dev.portcullis.devices.nvme;

/// The last commands that failed, newest first.
///
/// @nvme 5.14.1.1 Error Information (Log Identifier 01h)
final class ErrorLog {
  static final int ENTRIES = 64;
  static final int ENTRY_BYTES = 64;

  private static final int WHERE_UNKNOWN = 0xffff;

  private record Entry(long number, int queueId, int commandId, int status, long block, int nsid) {}

  private final Entry[] ring = new Entry[ENTRIES];
  private long count;

  synchronized void record(Command command, Status status) {
    int slot = (int) (count % ENTRIES);
    count++;
    int queueId = command.queueId();
    long block = queueId == 0 ? 0 : command.firstBlock();
    ring[slot] =
        new Entry(count, queueId, command.id(), status.field(), block, command.namespace());
  }

  /// Failures since power on.
  synchronized long count() {
    return count;
  }

  /// Writes the log page: an entry of number 0 is none.
  synchronized void describe(Page page) {
    for (int age = 0; age < Math.min(count, ENTRIES); age++) {
      Entry entry = ring[(int) ((count - 1 - age) % ENTRIES)];
      int at = age * ENTRY_BYTES;
      page.put(at, 8, entry.number);
      page.put(at + 8, 2, entry.queueId);
      page.put(at + 10, 2, entry.commandId);
      page.put(at + 12, 2, (long) entry.status << 1);
      page.put(at + 14, 2, WHERE_UNKNOWN);
      page.put(at + 16, 8, entry.block);
      page.put(at + 24, 4, entry.nsid);
    }
  }
}
