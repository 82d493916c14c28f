package dev.portcullis.devices.nvme;

/// Controller registers: offsets in window 0 and the fields used of them.
///
/// ```
///  0000 CAP (64 bits)   000c INTMS   0014 CC     0024 AQA            1000 doorbells
///  0008 VS              0010 INTMC   001c CSTS   0028 ASQ (64 bits)  2000 MSI-X table
///                                                0030 ACQ (64 bits)  3000 MSI-X pending bits
/// ```
///
/// @nvme 3.1 Register Definition
final class Registers {
  static final int CAP = 0x00;
  static final int VS = 0x08;
  static final int INTMS = 0x0c;
  static final int INTMC = 0x10;
  static final int CC = 0x14;
  static final int CSTS = 0x1c;
  static final int AQA = 0x24;
  static final int ASQ = 0x28;
  static final int ACQ = 0x30;
  static final int DOORBELLS = 0x1000;
  static final int MSIX_TABLE = 0x2000;
  static final int MSIX_PENDING = 0x3000;
  static final int WINDOW_BYTES = 0x4000;

  /// NVM Express 1.4.
  static final int VERSION = 0x0001_0400;

  static final int SMALLEST_PAGE = 4096;

  /// Pages of 4 KiB to 64 KiB: CC.MPS 0 to 4.
  private static final int LARGEST_PAGE_CODE = 4;

  static final int READY = 1;
  static final int FATAL = 1 << 1;
  static final int SHUTDOWN_STATUS = 3 << 2;
  static final int SHUTDOWN_OCCURRING = 1 << 2;
  static final int SHUTDOWN_COMPLETE = 2 << 2;

  static final int ENABLE = 1;
  static final int CC_WRITABLE = 0x00ff_fff1;
  static final int AQA_WRITABLE = 0x0fff_0fff;
  static final long ADMIN_BASE_WRITABLE = ~0xfffL;

  /// log2 of the entry sizes, the only ones there are: 64 and 16 bytes.
  static final int SUBMISSION_ENTRY_LOG2 = 6;

  static final int COMPLETION_ENTRY_LOG2 = 4;

  private Registers() {}

  /// The capabilities of a controller whose queues have up to `queueEntries` entries: contiguous
  /// queues, round robin, doorbells 4 bytes apart, the NVM command set, ready within 10 s.
  ///
  /// @nvme 3.1.1 Offset 0h: CAP - Controller Capabilities
  static long capabilities(int queueEntries) {
    long contiguousQueues = 1L << 16;
    long timeout = 20L << 24;
    long nvmCommandSet = 1L << 37;
    return queueEntries - 1L
        | contiguousQueues
        | timeout
        | nvmCommandSet
        | (long) LARGEST_PAGE_CODE << 52;
  }

  static boolean isEnabled(int cc) {
    return (cc & ENABLE) != 0;
  }

  static int shutdownNotification(int cc) {
    return cc >> 14 & 3;
  }

  static int submissionEntryLog2(int cc) {
    return cc >> 16 & 0xf;
  }

  static int completionEntryLog2(int cc) {
    return cc >> 20 & 0xf;
  }

  /// Bytes of a memory page, as `cc` has it.
  static int pageBytes(int cc) {
    return SMALLEST_PAGE << (cc >> 7 & 0xf);
  }

  static int adminSubmissionEntries(int aqa) {
    return (aqa & 0xfff) + 1;
  }

  static int adminCompletionEntries(int aqa) {
    return (aqa >> 16 & 0xfff) + 1;
  }

  /// Why a controller cannot be enabled like this, or `null` if it can.
  ///
  /// @nvme 3.1.5 Offset 14h: CC - Controller Configuration
  static String objection(int cc, int aqa, long asq, long acq) {
    if ((cc >> 4 & 7) != 0) {
      return "command set " + (cc >> 4 & 7) + " is not there";
    }
    if ((cc >> 11 & 7) != 0) {
      return "arbitration " + (cc >> 11 & 7) + " is not there";
    }
    if ((cc >> 7 & 0xf) > LARGEST_PAGE_CODE) {
      return "memory pages of 2^" + (12 + (cc >> 7 & 0xf)) + " bytes are not there";
    }
    if (adminSubmissionEntries(aqa) < 2 || adminCompletionEntries(aqa) < 2) {
      return "an admin queue has less than 2 entries";
    }
    if (((asq | acq) & pageBytes(cc) - 1) != 0) {
      return "an admin queue is not aligned to a memory page";
    }
    return null;
  }
}
