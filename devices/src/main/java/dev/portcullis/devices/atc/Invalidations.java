package dev.portcullis.devices.atc;

import dev.portcullis.pci.Ats;
import dev.portcullis.pci.InvalidateRequest;
import dev.portcullis.pci.UpstreamPort;
import java.util.ArrayDeque;
import java.util.concurrent.atomic.LongAdder;

/// The thread that carries out invalidate requests and says so.
///
/// Those that have come meanwhile are carried out together, and share a completion.
///
/// @pcie 10.3 ATS Invalidation
public final class Invalidations implements AutoCloseable {
  private final TranslationCache cache;
  private final UpstreamPort port;
  private final ArrayDeque<InvalidateRequest> waiting = new ArrayDeque<>();
  private final LongAdder done = new LongAdder();
  private boolean busy;
  private boolean closed;

  /// Starts the thread.
  ///
  /// @param name of the thread
  public Invalidations(String name, TranslationCache cache, UpstreamPort port) {
    this.cache = cache;
    this.port = port;
    Thread.ofPlatform().daemon().name(name).start(this::run);
  }

  /// Takes `request` on. A unit that has more under way than there are tags is not listened to.
  public synchronized void accept(InvalidateRequest request) {
    if (waiting.size() < Ats.MOST_INVALIDATIONS) {
      waiting.add(request);
      notifyAll();
    }
  }

  /// How many requests were carried out.
  public long done() {
    return done.sum();
  }

  private void run() {
    for (int count = take(); count > 0; count = take()) {
      int tags = 0;
      for (int i = 0; i < count; i++) {
        InvalidateRequest request = next();
        if (request != null) {
          cache.invalidate(request);
          done.increment();
          tags |= 1 << request.tag();
        }
      }
      if (tags != 0) {
        port.invalidationCompleted(tags, 1);
      }
    }
  }

  /// Waits for requests.
  ///
  /// @return how many there are; 0 when the thread is to end
  private synchronized int take() {
    busy = false;
    notifyAll();
    while (waiting.isEmpty() && !closed) {
      sleep();
    }
    busy = !closed;
    return closed ? 0 : waiting.size();
  }

  private synchronized InvalidateRequest next() {
    return waiting.poll();
  }

  /// Forgets the requests that wait, and returns when none is being carried out.
  public synchronized void reset() {
    waiting.clear();
    boolean interrupted = false;
    while (busy) {
      interrupted |= !sleep();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /// @return whether the sleep ended by itself
  private boolean sleep() {
    try {
      wait();
      return true;
    } catch (InterruptedException later) {
      return false;
    }
  }

  /// Ends the thread.
  @Override
  public synchronized void close() {
    waiting.clear();
    closed = true;
    notifyAll();
  }
}
