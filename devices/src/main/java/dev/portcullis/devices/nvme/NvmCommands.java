package dev.portcullis.devices.nvme;

import dev.portcullis.devices.block.BlockBackend;
import dev.portcullis.devices.nvme.Namespace.Durability;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// The NVM command set: reading and writing blocks.
///
/// @nvme 6 NVM Command Set
final class NvmCommands implements CommandSet {
  private static final int FLUSH = 0x00;
  private static final int WRITE = 0x01;
  private static final int READ = 0x02;
  private static final int COMPARE = 0x05;
  private static final int WRITE_ZEROES = 0x08;
  private static final int DATASET_MANAGEMENT = 0x09;
  private static final int VERIFY = 0x0c;

  private static final int FORCE_UNIT_ACCESS = 1 << 30;
  private static final int DEALLOCATE = 1 << 25;
  private static final int ATTRIBUTE_DEALLOCATE = 1 << 2;
  private static final int RANGE_BYTES = 16;

  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final Drive drive;
  private final Namespace namespace;

  NvmCommands(Drive drive) {
    this.drive = drive;
    namespace = drive.namespace();
  }

  /// Marks the commands there are in the effects log, and those that change blocks.
  ///
  /// @nvme 5.14.1.5 Commands Supported and Effects (Log Identifier 05h)
  static void describeEffects(Page page) {
    int supported = 1;
    int changesBlocks = 1 << 1;
    for (int opcode : new int[] {FLUSH, READ, COMPARE, VERIFY}) {
      page.put(1024 + 4 * opcode, 4, supported);
    }
    for (int opcode : new int[] {WRITE, WRITE_ZEROES, DATASET_MANAGEMENT}) {
      page.put(1024 + 4 * opcode, 4, supported | changesBlocks);
    }
  }

  @Override
  public void execute(Command command, Reply reply, DataPath data) {
    Status status = execute(command, data);
    reply.end(status);
    if (status.isMediaError()) {
      drive.health().countMediaError();
    }
  }

  private Status execute(Command command, DataPath data) {
    if (namespace.isWriteProtected() && changesBlocks(command.opcode())) {
      return Status.WRITE_PROTECTED;
    }
    return switch (command.opcode()) {
      case FLUSH -> flush(command);
      case READ -> moving(command, data, this::read);
      case WRITE -> moving(command, data, this::write);
      case COMPARE -> moving(command, data, this::compare);
      case WRITE_ZEROES -> addressed(command, data, this::writeZeroes);
      case VERIFY -> addressed(command, data, this::verify);
      case DATASET_MANAGEMENT -> manage(command, data);
      default -> Status.INVALID_OPCODE;
    };
  }

  private static boolean changesBlocks(int opcode) {
    return switch (opcode) {
      case WRITE, WRITE_ZEROES, DATASET_MANAGEMENT -> true;
      default -> false;
    };
  }

  private interface Action {
    Status on(Command command, DataPath data);
  }

  /// For commands about the blocks that dwords 10 to 12 name.
  private Status addressed(Command command, DataPath data, Action action) {
    Status objection = objectionToBlocks(command);
    return objection.isSuccess() ? action.on(command, data) : objection;
  }

  /// For commands that also move these blocks: not too many, and to or from good addresses.
  private Status moving(Command command, DataPath data, Action action) {
    Status objection = objectionToBlocks(command);
    if (!objection.isSuccess()) {
      return objection;
    }
    if (bytesOf(command) > data.mostBytes()) {
      return Status.INVALID_FIELD;
    }
    Status located = data.locate(command, (int) bytesOf(command));
    return located.isSuccess() ? action.on(command, data) : located;
  }

  private Status objectionToBlocks(Command command) {
    Status objection = objection(command);
    if (!objection.isSuccess()) {
      return objection;
    }
    return namespace.contains(command.firstBlock(), command.blocks())
        ? Status.SUCCESS
        : Status.LBA_OUT_OF_RANGE;
  }

  private static Status objection(Command command) {
    if (command.isExotic()) {
      return Status.INVALID_FIELD;
    }
    return command.namespace() == Namespace.ID ? Status.SUCCESS : Status.INVALID_NAMESPACE;
  }

  private long bytesOf(Command command) {
    return (long) command.blocks() * namespace.blockBytes();
  }

  private static Durability durability(Command command) {
    return (command.dword(12) & FORCE_UNIT_ACCESS) != 0
        ? Durability.AT_ONCE
        : Durability.EVENTUALLY;
  }

  /// @nvme 6.8 Flush command
  private Status flush(Command command) {
    if (command.isExotic()) {
      return Status.INVALID_FIELD;
    }
    int nsid = command.namespace();
    return nsid == Namespace.ID || nsid == Command.ALL_NAMESPACES
        ? namespace.flush()
        : Status.INVALID_NAMESPACE;
  }

  /// @nvme 6.9 Read command
  private Status read(Command command, DataPath data) {
    int lengthBytes = (int) bytesOf(command);
    if (durability(command) == Durability.AT_ONCE) {
      // What is read with Force Unit Access must not be lost afterwards.
      Status flushed = namespace.flush();
      if (!flushed.isSuccess()) {
        return flushed;
      }
    }
    Status read = namespace.read(command.firstBlock(), data.bytes(lengthBytes));
    drive.health().countRead(lengthBytes);
    return read.isSuccess() ? data.toHost() : read;
  }

  /// @nvme 6.15 Write command
  private Status write(Command command, DataPath data) {
    int lengthBytes = (int) bytesOf(command);
    Status moved = data.fromHost();
    if (!moved.isSuccess()) {
      return moved;
    }
    drive.health().countWrite(lengthBytes);
    return namespace.write(command.firstBlock(), data.bytes(lengthBytes), durability(command));
  }

  /// @nvme 6.6 Compare command
  private Status compare(Command command, DataPath data) {
    int lengthBytes = (int) bytesOf(command);
    Status moved = data.fromHost();
    if (!moved.isSuccess()) {
      return moved;
    }
    Status read = namespace.read(command.firstBlock(), data.second(lengthBytes));
    drive.health().countRead(lengthBytes);
    if (!read.isSuccess()) {
      return read;
    }
    boolean same = data.bytes(lengthBytes).equals(data.second(lengthBytes));
    return same ? Status.SUCCESS : Status.COMPARE_FAILURE;
  }

  /// @nvme 6.17 Write Zeroes command
  private Status writeZeroes(Command command, DataPath data) {
    long first = command.firstBlock();
    boolean mayDeallocate = (command.dword(12) & DEALLOCATE) != 0;
    boolean reallyZero = namespace.deallocatedBytes() == BlockBackend.Deallocated.ZEROES;
    if (mayDeallocate && reallyZero && durability(command) == Durability.EVENTUALLY) {
      return namespace.deallocate(first, command.blocks());
    }
    return namespace.writeZeroes(first, command.blocks(), durability(command));
  }

  /// Reads the blocks, and throws away what it reads.
  ///
  /// @nvme 6.14 Verify command
  private Status verify(Command command, DataPath data) {
    int step = data.mostBytes() / namespace.blockBytes();
    for (int done = 0; done < command.blocks(); done += step) {
      int count = Math.min(step, command.blocks() - done);
      Status read =
          namespace.read(command.firstBlock() + done, data.bytes(count * namespace.blockBytes()));
      if (!read.isSuccess()) {
        return read;
      }
    }
    return Status.SUCCESS;
  }

  /// Hints are taken and forgotten; deallocation is carried out, all ranges or none.
  ///
  /// @nvme 6.7 Dataset Management command
  private Status manage(Command command, DataPath data) {
    Status objection = objection(command);
    if (!objection.isSuccess()) {
      return objection;
    }
    int ranges = (command.dword(10) & 0xff) + 1;
    Status taken = data.take(command, ranges * RANGE_BYTES);
    if (!taken.isSuccess() || (command.dword(11) & ATTRIBUTE_DEALLOCATE) == 0) {
      return taken;
    }
    MemorySegment list = data.buffer();
    for (int i = 0; i < ranges; i++) {
      if (!namespace.contains(firstOf(list, i), countOf(list, i))) {
        return Status.LBA_OUT_OF_RANGE;
      }
    }
    Status status = Status.SUCCESS;
    for (int i = 0; i < ranges && status.isSuccess(); i++) {
      status = namespace.deallocate(firstOf(list, i), countOf(list, i));
    }
    return status;
  }

  private static long countOf(MemorySegment list, int range) {
    return list.get(INT, (long) range * RANGE_BYTES + 4) & 0xffff_ffffL;
  }

  private static long firstOf(MemorySegment list, int range) {
    return list.get(LONG, (long) range * RANGE_BYTES + 8);
  }
}
