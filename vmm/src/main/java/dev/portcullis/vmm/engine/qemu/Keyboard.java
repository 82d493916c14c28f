package dev.portcullis.vmm.engine.qemu;

import dev.portcullis.vmm.engine.EngineException;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;

/// What is typed on a machine's serial port, on its way there. QEMU takes no more than its guest
/// reads; a guest that hangs shall not hang whoever types.
final class Keyboard implements AutoCloseable {
  /// How much may wait, beside what the socket to QEMU holds.
  static final int MOST_BYTES = 64 << 10;

  private static final System.Logger LOG = System.getLogger(Keyboard.class.getName());

  private final String partition;
  private final Port port;
  private final Duration patience;
  private final Queue<byte[]> waiting = new ArrayDeque<>();
  private int waitingBytes;
  private boolean stalled;
  private boolean ended;

  /// Where keys go.
  @FunctionalInterface
  interface Port {
    /// Waits while the guest does not read.
    ///
    /// @throws IOException if the machine has ended
    void send(byte[] keys) throws IOException;
  }

  /// @param patience how long whoever types waits for a guest that is slow
  Keyboard(String partition, Port port, Duration patience) {
    this.partition = partition;
    this.port = port;
    this.patience = patience;
    Thread.ofVirtual().name(partition + " keyboard").start(this::run);
  }

  /// Takes keys, and waits a little if too many are on their way.
  ///
  /// @throws EngineException if the guest does not read, or the machine has ended
  synchronized void type(String text) throws EngineException {
    byte[] keys = text.getBytes(StandardCharsets.UTF_8);
    long deadlineNanos = System.nanoTime() + patience.toNanos();
    while (!ended && !hasRoom(keys)) {
      long leftMillis = (deadlineNanos - System.nanoTime()) / 1_000_000;
      if (stalled || leftMillis <= 0) {
        stalled = true;
        throw new EngineException("it does not read what was typed");
      }
      try {
        wait(leftMillis);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new EngineException("it does not read what was typed", e);
      }
    }
    if (ended) {
      throw new EngineException("partition " + partition + " takes nothing: it is off");
    }
    waiting.add(keys);
    waitingBytes += keys.length;
    notifyAll();
  }

  /// One that is larger than all the room there is waits for an empty keyboard.
  private boolean hasRoom(byte[] keys) {
    return waiting.isEmpty() || waitingBytes + keys.length <= MOST_BYTES;
  }

  private void run() {
    try {
      byte[] keys = next();
      while (keys.length > 0) {
        port.send(keys);
        sent(keys);
        keys = next();
      }
    } catch (IOException over) {
      LOG.log(Level.DEBUG, "the machine of " + partition + " has ended", over);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      close();
    }
  }

  /// What is sent next, which still counts as waiting; nothing at the end.
  private synchronized byte[] next() throws InterruptedException {
    while (!ended && waiting.isEmpty()) {
      wait();
    }
    return ended ? new byte[0] : waiting.element();
  }

  private synchronized void sent(byte[] keys) {
    waiting.remove();
    waitingBytes -= keys.length;
    stalled = false;
    notifyAll();
  }

  /// The machine has ended: what is on its way is lost.
  @Override
  public synchronized void close() {
    ended = true;
    notifyAll();
  }
}
