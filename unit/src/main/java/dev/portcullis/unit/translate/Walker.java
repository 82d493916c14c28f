package dev.portcullis.unit.translate;

import dev.portcullis.unit.lookup.WalkScratch;
import dev.portcullis.unit.request.Request;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// Scratch and counters for one walk at a time.
final class Walker {
  private static final Request[] REQUESTS = Request.values();
  private static final VarHandle BUSY;

  static {
    try {
      BUSY = MethodHandles.lookup().findVarHandle(Walker.class, "busy", boolean.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  final WalkScratch scratch = new WalkScratch();

  /// The request it walks for.
  int sourceId;

  long iova;

  /// A number instead of a reference: storing one costs more than the rest of the hand-over.
  private int request;

  /// The epoch before its first look at a cache or at memory.
  long epoch;

  /// Walks of the page tables.
  long walks;

  /// Contexts read from memory.
  long contexts;

  @SuppressWarnings("unused") // through BUSY
  private volatile boolean busy;

  Walker on(int newSourceId, long newIova, Request newRequest) {
    sourceId = newSourceId;
    iova = newIova;
    request = newRequest.ordinal();
    return this;
  }

  Request request() {
    return REQUESTS[request];
  }

  boolean tryClaim() {
    return BUSY.compareAndSet(this, false, true);
  }

  void release() {
    BUSY.setRelease(this, false);
  }

  /// What was counted before the last release can be read after this.
  void synchronize() {
    BUSY.getAcquire(this);
  }
}
