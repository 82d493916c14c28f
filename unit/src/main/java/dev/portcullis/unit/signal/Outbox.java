package dev.portcullis.unit.signal;

import dev.portcullis.unit.event.MessageSink;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/// Messages on their way out: written under the unit's locks, sent after they are given back, in
/// order.
public final class Outbox {
  private record Message(long address, int data) {}

  private final MessageSink sink;
  private final Queue<Message> messages = new ArrayDeque<>();
  private final AtomicInteger pending = new AtomicInteger();
  private final LongAdder sent = new LongAdder();
  private final Object sending = new Object();

  public Outbox(MessageSink sink) {
    this.sink = sink;
  }

  /// Puts a message in; the thread that does flushes soon.
  void post(long address, int data) {
    synchronized (messages) {
      messages.add(new Message(address, data));
    }
    pending.incrementAndGet();
  }

  /// Sends what is in the box, and waits for what another thread is sending. To be called without
  /// any lock.
  ///
  /// @vtd 11.4.7.2 Fault Event Control Register
  public void flush() {
    if (pending.get() == 0) {
      return;
    }
    synchronized (sending) {
      for (Message message = next(); message != null; message = next()) {
        sink.send(message.address, message.data);
        pending.decrementAndGet();
        sent.increment();
      }
    }
  }

  private Message next() {
    synchronized (messages) {
      return messages.poll();
    }
  }

  /// Number of messages ever sent.
  public long sent() {
    return sent.sum();
  }
}
