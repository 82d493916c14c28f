package dev.portcullis.devices.nvme;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// One submission queue entry, seen in our own copy of it. One object serves all entries of a
/// queue.
///
/// ```
///  dword 0        | CID 31:16 | PSDT 15:14 |  0  | FUSE 9:8 | OPC 7:0 |
///  dword 1        | NSID                                              |
///  dwords 6, 7    | PRP entry 1                                       |
///  dwords 8, 9    | PRP entry 2                                       |
///  dwords 10-15   | what the command makes of them                    |
/// ```
///
/// @nvme 4.2 Submission Queue Entry - Command Format
final class Command {
  static final int BYTES = 64;

  /// The namespace id that means all namespaces.
  static final int ALL_NAMESPACES = 0xffff_ffff;

  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final MemorySegment entries;
  private final int queueId;
  private long at;

  /// @param entries the copies, aligned to 8 bytes
  /// @param queueId the queue they came from
  Command(MemorySegment entries, int queueId) {
    this.entries = entries;
    this.queueId = queueId;
  }

  /// Looks at the entry with this index among the copies.
  void select(int index) {
    at = (long) index * BYTES;
  }

  int queueId() {
    return queueId;
  }

  int dword(int index) {
    return entries.get(INT, at + 4L * index);
  }

  private long qword(int dwordIndex) {
    return entries.get(LONG, at + 4L * dwordIndex);
  }

  int opcode() {
    return dword(0) & 0xff;
  }

  /// Whether it asks for what this controller lacks: fused operations, scatter-gather lists.
  boolean isExotic() {
    return (dword(0) & 0xc300) != 0;
  }

  /// Command identifier, 16 bits; unique among the outstanding commands of the queue.
  int id() {
    return dword(0) >>> 16;
  }

  int namespace() {
    return dword(1);
  }

  long prp1() {
    return qword(6);
  }

  long prp2() {
    return qword(8);
  }

  /// First logical block of an I/O command: dwords 10 and 11.
  long firstBlock() {
    return qword(10);
  }

  /// Logical blocks of an I/O command, 1 to 65,536: dword 12 holds one less.
  int blocks() {
    return (dword(12) & 0xffff) + 1;
  }
}
