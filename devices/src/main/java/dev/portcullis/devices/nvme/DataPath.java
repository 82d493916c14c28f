package dev.portcullis.devices.nvme;

import dev.portcullis.pci.Completion;
import dev.portcullis.pci.UpstreamPort;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/// A worker's way to move the data of commands: a buffer of our own between backing and host.
///
/// Guest memory never meets a file: it may be withdrawn at any time, and a file operation on it
/// would hold it fast.
final class DataPath {
  private final UpstreamPort port;
  private final PageList pages;
  private final ByteBuffer bytes;
  private final MemorySegment buffer;
  private ByteBuffer second;
  private long movedBytes;

  /// @param mostBytes most data a command may have, at least 4096
  DataPath(UpstreamPort port, int pageBytes, int mostBytes) {
    this.port = port;
    pages = new PageList(port, pageBytes, mostBytes);
    bytes = ByteBuffer.allocateDirect(mostBytes);
    buffer = MemorySegment.ofBuffer(bytes);
  }

  /// Most bytes a command may move.
  int mostBytes() {
    return bytes.capacity();
  }

  /// Bytes moved from or to the host so far.
  long movedBytes() {
    return movedBytes;
  }

  /// The buffer, from its start.
  MemorySegment buffer() {
    return buffer;
  }

  /// The first `lengthBytes` bytes of the buffer, ready to be filled or drained.
  ByteBuffer bytes(int lengthBytes) {
    return bytes.limit(lengthBytes).position(0);
  }

  /// The first `lengthBytes` bytes of another buffer, for commands that need two.
  ByteBuffer second(int lengthBytes) {
    if (second == null) {
      second = ByteBuffer.allocateDirect(bytes.capacity());
    }
    return second.limit(lengthBytes).position(0);
  }

  /// Takes over where the data of `command` lies.
  Status locate(Command command, int lengthBytes) {
    return pages.resolve(command.prp1(), command.prp2(), lengthBytes);
  }

  /// Moves the buffer to the place last located.
  Status toHost() {
    return move(Direction.TO_HOST);
  }

  /// Moves what is at the place last located into the buffer.
  Status fromHost() {
    return move(Direction.FROM_HOST);
  }

  /// Moves `lengthBytes` bytes of the buffer to where the data of `command` lies.
  Status reply(Command command, int lengthBytes) {
    Status located = locate(command, lengthBytes);
    return located.isSuccess() ? toHost() : located;
  }

  /// Moves the data of `command` into the buffer.
  Status take(Command command, int lengthBytes) {
    Status located = locate(command, lengthBytes);
    return located.isSuccess() ? fromHost() : located;
  }

  private enum Direction {
    TO_HOST,
    FROM_HOST
  }

  private Status move(Direction direction) {
    long done = 0;
    for (int run = 0; run < pages.runs(); run++) {
      long iova = pages.address(run);
      int lengthBytes = pages.lengthBytes(run);
      Completion completion =
          switch (direction) {
            case TO_HOST -> port.write(iova, buffer, done, lengthBytes);
            case FROM_HOST -> port.read(iova, buffer, done, lengthBytes);
          };
      if (!completion.isSuccess()) {
        return Status.DATA_TRANSFER_ERROR;
      }
      done += lengthBytes;
    }
    movedBytes += done;
    return Status.SUCCESS;
  }
}
