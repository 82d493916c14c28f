package dev.portcullis.unit.translate;

import dev.portcullis.unit.lookup.WalkScratch;
import dev.portcullis.unit.request.PageUse;
import dev.portcullis.unit.request.Request;
import dev.portcullis.unit.request.RequestKind;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// Scratch and counters for one walk at a time.
final class Walker {
  private static final Request[] REQUESTS = Request.values();
  private static final RequestKind[] KINDS = RequestKind.values();
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

  /// Its [dev.portcullis.pci.PasidPrefix], or none.
  int prefix;

  private int kind;

  /// NW of a translation request, where the unit honours it.
  boolean readsOnly;

  /// Someone wants to know how the page is accessed.
  boolean watched;

  /// How the page is accessed, if anyone wants to know; else `null`.
  PageUse use;

  /// The IOTLB is known not to have the page.
  boolean missing;

  /// A number instead of a reference: storing one costs more than the rest of the hand-over.
  private int request;

  /// The epoch before its first look at a cache or at memory.
  long epoch;

  /// Walks of the page tables.
  long walks;

  /// Contexts read from memory.
  long contexts;

  /// PASID table entries read from memory.
  long pasids;

  @SuppressWarnings("unused") // through BUSY
  private volatile boolean busy;

  Walker on(int newSourceId, int newPrefix, long newIova, Request newRequest) {
    sourceId = newSourceId;
    prefix = newPrefix;
    iova = newIova;
    request = newRequest.ordinal();
    kind = RequestKind.UNTRANSLATED.ordinal();
    readsOnly = false;
    missing = false;
    return this;
  }

  /// The request is not an untranslated one.
  Walker as(RequestKind newKind) {
    kind = newKind.ordinal();
    return this;
  }

  RequestKind kind() {
    return KINDS[kind];
  }

  boolean isUntranslated() {
    return kind == RequestKind.UNTRANSLATED.ordinal();
  }

  boolean isTranslation() {
    return kind == RequestKind.TRANSLATION.ordinal();
  }

  boolean isTranslated() {
    return kind == RequestKind.TRANSLATED.ordinal();
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
