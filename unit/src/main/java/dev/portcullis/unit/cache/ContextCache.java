package dev.portcullis.unit.cache;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.function.LongPredicate;

/// Context entries by requester: one place for each, shared by those whose source-id has the same
/// low bits.
///
/// @vtd 6.2.3 Context-cache
public final class ContextCache {
  private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(long[].class);

  /// What [#tables] answers when the entry is gone.
  public static final long GONE = -1;

  private final long[] contexts;
  private final long[] tables;
  private final int mask;
  private final Epoch epoch;

  /// Odd while a pair of context and table is written.
  private volatile int version;

  ContextCache(int entries, Epoch epoch) {
    this.contexts = new long[entries];
    this.tables = new long[entries];
    this.mask = entries - 1;
    this.epoch = epoch;
  }

  /// The [Context] of `sourceId`, or [Context#NONE].
  public long lookup(int sourceId) {
    long context = (long) WORD.getAcquire(contexts, sourceId & mask);
    return Context.isOf(context, sourceId) ? context : Context.NONE;
  }

  /// The second-stage tables that belong to `context`, which [#lookup] answered; [#GONE] if the
  /// entry has changed since.
  public long tables(int sourceId, long context) {
    int before = version;
    long table = (long) WORD.getAcquire(tables, sourceId & mask);
    boolean same = (long) WORD.getAcquire(contexts, sourceId & mask) == context;
    return same && (before & 1) == 0 && version == before ? table : GONE;
  }

  /// Remembers `context` of `sourceId` and its second-stage tables.
  ///
  /// @param readInEpoch the epoch before it was read from memory
  public synchronized void fill(int sourceId, long context, long table, long readInEpoch) {
    if (epoch.current() != readInEpoch) {
      return;
    }
    int at = sourceId & mask;
    version++;
    WORD.setRelease(contexts, at, Context.NONE);
    WORD.setRelease(tables, at, table);
    WORD.setRelease(contexts, at, context);
    version++;
  }

  synchronized void removeAll() {
    for (int at = 0; at <= mask; at++) {
      WORD.setRelease(contexts, at, Context.NONE);
    }
  }

  synchronized void removeDomain(int domain) {
    for (int at = 0; at <= mask; at++) {
      if (contexts[at] != Context.NONE && Context.domainId(contexts[at]) == domain) {
        WORD.setRelease(contexts, at, Context.NONE);
      }
    }
  }

  /// Forgets `sourceId` in `domain`, and the functions that differ from it in the bits of `ignored`
  /// (0 to 7) only.
  synchronized void removeDevice(int domain, int sourceId, int ignored) {
    removeMatching(sourceId, ignored, context -> Context.domainId(context) == domain);
  }

  /// The same whatever the domain.
  synchronized void removeDevice(int sourceId, int ignored) {
    removeMatching(sourceId, ignored, context -> true);
  }

  private void removeMatching(int sourceId, int ignored, LongPredicate condition) {
    for (int difference = 0; difference < 8; difference++) {
      int source = sourceId ^ difference;
      long context = contexts[source & mask];
      if ((difference & ~ignored) == 0
          && Context.isOf(context, source)
          && condition.test(context)) {
        WORD.setRelease(contexts, source & mask, Context.NONE);
      }
    }
  }
}
