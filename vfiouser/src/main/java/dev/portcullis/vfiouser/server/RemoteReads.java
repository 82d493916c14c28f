package dev.portcullis.vfiouser.server;

import dev.portcullis.vfiouser.wire.Command;
import dev.portcullis.vfiouser.wire.DmaAccess;
import dev.portcullis.vfiouser.wire.Header;
import dev.portcullis.vfiouser.wire.ProtocolException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// Reads of memory that only the client has. Device threads wait here, with a time limit; the
/// session's thread brings the replies, and so must never wait itself.
final class RemoteReads {
  private static final int MOST_OPEN = 256;

  private final Outbox outbox;
  private final Thread sessionThread;
  private final long limitNanos;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition answered = lock.newCondition();

  /// Questions without an answer yet, also those whose asker has given up: an answer that comes
  /// late is still the answer to something.
  private final Map<Integer, Question> open = new HashMap<>();

  private int nextId;
  private long transferBytes = DmaAccess.BYTES;

  /// How many reasons there are to fail every read.
  private int holds;

  private static final class Question {
    final DmaAccess access;
    byte[] data;
    boolean failed;

    Question(DmaAccess access) {
      this.access = access;
    }

    boolean isOver() {
      return data != null || failed;
    }
  }

  /// @param sessionThread the one that calls [#answer]
  RemoteReads(Outbox outbox, Thread sessionThread, Limits limits) {
    this.outbox = outbox;
    this.sessionThread = sessionThread;
    this.limitNanos = limits.dmaReadLimit().toNanos();
  }

  /// Sets how many bytes of data the client sends in one message, 1 or more.
  void limitTransfers(long bytes) {
    transferBytes = bytes;
  }

  /// Reads `lengthBytes` bytes at `address`; `false` if the client refuses, does not answer in
  /// time, is gone, or waits for us.
  boolean read(long address, MemorySegment to, long toOffset, long lengthBytes) {
    long done = 0;
    while (done < lengthBytes) {
      long step = Math.min(transferBytes, lengthBytes - done);
      byte[] data = read(new DmaAccess(address + done, step));
      if (data == null) {
        return false;
      }
      MemorySegment.copy(data, 0, to, ValueLayout.JAVA_BYTE, toOffset + done, data.length);
      done += step;
    }
    return true;
  }

  private byte[] read(DmaAccess access) {
    if (Thread.currentThread() == sessionThread) {
      return null;
    }
    Question question = new Question(access);
    lock.lock();
    try {
      if (holds > 0 || open.size() >= MOST_OPEN) {
        return null;
      }
      int id = freeId();
      open.put(id, question);
      // Asked under the lock: the answer cannot overtake the question's entry.
      if (!outbox.askFor(id, access.address(), access.count())) {
        open.remove(id);
        return null;
      }
      await(question);
      return question.data;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    } finally {
      lock.unlock();
    }
  }

  private int freeId() {
    do {
      nextId = nextId + 1 & Outbox.POSTED - 1;
    } while (open.containsKey(nextId));
    return nextId;
  }

  private void await(Question question) throws InterruptedException {
    long left = limitNanos;
    while (!question.isOver() && left > 0) {
      left = answered.awaitNanos(left);
    }
    question.failed = question.data == null;
  }

  /// Takes the client's answer.
  ///
  /// @throws ProtocolException if nobody asked
  void answer(Header header, MemorySegment bytes, long at) throws ProtocolException {
    lock.lock();
    try {
      Question question = open.remove(header.id());
      if (question == null || Command.of(header.command()) != Command.DMA_READ) {
        throw ProtocolException.broken("reply to a question that was not asked");
      }
      if (!question.failed && !header.isError()) {
        question.data = data(question.access, header, bytes, at);
      }
      question.failed = question.data == null;
      answered.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private static byte[] data(DmaAccess asked, Header header, MemorySegment bytes, long at)
      throws ProtocolException {
    if (header.payloadBytes() != DmaAccess.BYTES + asked.count()
        || !DmaAccess.decodeWithData(bytes, at, header.payloadBytes()).equals(asked)) {
      throw ProtocolException.broken("answer to another question than asked");
    }
    return bytes.asSlice(at + DmaAccess.BYTES, asked.count()).toArray(ValueLayout.JAVA_BYTE);
  }

  /// Runs `action` while every read fails at once, those that wait included. The client answers
  /// nothing while it waits for us.
  void failWhile(Runnable action) {
    hold();
    try {
      action.run();
    } finally {
      lock.lock();
      holds--;
      lock.unlock();
    }
  }

  /// Fails every read from now on.
  void end() {
    hold();
  }

  private void hold() {
    lock.lock();
    try {
      holds++;
      open.values().forEach(question -> question.failed = question.data == null);
      answered.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
