package dev.portcullis.vfiouser.server;

import dev.portcullis.linux.Errno;
import dev.portcullis.linux.LinuxException;
import dev.portcullis.linux.NativeBuffer;
import dev.portcullis.linux.UnixSocket;
import dev.portcullis.vfiouser.wire.Command;
import dev.portcullis.vfiouser.wire.DmaAccess;
import dev.portcullis.vfiouser.wire.Header;
import dev.portcullis.vfiouser.wire.Header.Answer;
import dev.portcullis.vfiouser.wire.Wire;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/// Everything that goes to the client: replies from the session's thread, reads and writes of its
/// memory from any. Messages go out whole and in turn.
final class Outbox {
  /// Ids of posted writes, which wait for no reply, have this bit; ids of reads do not.
  static final int POSTED = 0x8000;

  private static final int CHUNK_BYTES = 4 << 10;
  private static final long DATA = Header.BYTES + DmaAccess.BYTES;

  private final UnixSocket socket;
  private final ReentrantLock turn = new ReentrantLock();
  private final NativeBuffer posts = NativeBuffer.allocate(DATA + CHUNK_BYTES);

  private int nextPosted;
  private volatile long transferBytes = CHUNK_BYTES;

  /// Why nothing can be sent any more.
  private volatile LinuxException failure;

  private volatile boolean posted;

  Outbox(UnixSocket socket) {
    this.socket = socket;
  }

  /// Sets how many bytes of data the client takes in one message, 1 or more.
  void limitTransfers(long bytes) {
    transferBytes = Math.min(bytes, CHUNK_BYTES);
  }

  /// Sends `lengthBytes` bytes of `message`.
  void send(NativeBuffer message, long lengthBytes) throws LinuxException {
    turn.lock();
    try {
      sendInTurn(message, lengthBytes);
    } finally {
      turn.unlock();
    }
  }

  private void sendInTurn(NativeBuffer message, long lengthBytes) throws LinuxException {
    if (failure != null) {
      throw failure;
    }
    try {
      socket.send(message, 0, lengthBytes, List.of());
    } catch (LinuxException e) {
      // Part of a message may be out: nothing that follows would be understood.
      failure = e;
      socket.shutdown();
      throw e;
    }
  }

  /// Ends a conversation in which the client stopped reading.
  ///
  /// @throws LinuxException EAGAIN if it did
  void checkTaken() throws LinuxException {
    LinuxException why = failure;
    if (why != null && why.errno() == Errno.EAGAIN) {
      throw why;
    }
  }

  /// Whether anything was written to the client's memory yet.
  boolean hasPosted() {
    return posted;
  }

  /// Asks for `count` bytes at `address`.
  boolean askFor(int id, long address, long count) {
    turn.lock();
    try {
      Header.command(id, Command.DMA_READ, DmaAccess.BYTES, Answer.WANTED).encode(posts.bytes(), 0);
      new DmaAccess(address, count).encode(posts.bytes(), Header.BYTES);
      sendInTurn(posts, DATA);
      return true;
    } catch (LinuxException e) {
      return false;
    } finally {
      turn.unlock();
    }
  }

  /// Writes a doubleword and waits for nothing: an interrupt message.
  boolean post(long address, int data) {
    turn.lock();
    try {
      Wire.put32(posts.bytes(), DATA, data);
      postInTurn(address, Integer.BYTES);
      return true;
    } catch (LinuxException e) {
      return false;
    } finally {
      turn.unlock();
    }
  }

  /// Writes `lengthBytes` bytes and waits for nothing.
  boolean post(long address, MemorySegment from, long fromOffset, long lengthBytes) {
    turn.lock();
    try {
      long done = 0;
      while (done < lengthBytes) {
        long step = Math.min(transferBytes, lengthBytes - done);
        MemorySegment.copy(from, fromOffset + done, posts.bytes(), DATA, step);
        postInTurn(address + done, step);
        done += step;
      }
      return true;
    } catch (LinuxException e) {
      return false;
    } finally {
      turn.unlock();
    }
  }

  private void postInTurn(long address, long count) throws LinuxException {
    int id = POSTED | nextPosted++ & POSTED - 1;
    Header.command(id, Command.DMA_WRITE, DmaAccess.BYTES + count, Answer.UNWANTED)
        .encode(posts.bytes(), 0);
    new DmaAccess(address, count).encode(posts.bytes(), Header.BYTES);
    posted = true;
    sendInTurn(posts, DATA + count);
  }
}
