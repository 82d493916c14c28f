package dev.portcullis.guest.nvme;

import dev.portcullis.guest.port.Processor;

/// A command as it lies in a submission queue.
///
/// @param opcode 8 bits
/// @param prp1 guest physical address of the data, or of its first page
/// @param prp2 that of the second page, or of the list of the others
/// @param cdw10 doubleword 10 and, in the upper half, 11
/// @param cdw12 doubleword 12
/// @nvme 4.2 Submission Queue Entry - Command Format
record Command(int opcode, int namespace, long prp1, long prp2, long cdw10, int cdw12) {
  static final int CREATE_SUBMISSION_QUEUE = 0x01;
  static final int CREATE_COMPLETION_QUEUE = 0x05;
  static final int IDENTIFY = 0x06;
  static final int SET_FEATURES = 0x09;
  static final int FLUSH = 0x00;
  static final int WRITE = 0x01;
  static final int READ = 0x02;

  /// An administrator's command with one page of data.
  static Command admin(int opcode, int namespace, long page, long cdw10) {
    return new Command(opcode, namespace, page, 0, cdw10, 0);
  }

  void write(Processor processor, long at, int identifier) {
    processor.store(at, 8, (long) namespace << 32 | (long) identifier << 16 | opcode);
    processor.store(at + 8, 8, 0);
    processor.store(at + 16, 8, 0);
    processor.store(at + 24, 8, prp1);
    processor.store(at + 32, 8, prp2);
    processor.store(at + 40, 8, cdw10);
    processor.store(at + 48, 8, Integer.toUnsignedLong(cdw12));
    processor.store(at + 56, 8, 0);
  }
}
