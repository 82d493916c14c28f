package dev.portcullis.unit.cache;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// Counts invalidations: what was read from memory in an earlier epoch must not enter a cache.
public final class Epoch {
  private static final VarHandle CURRENT;

  static {
    try {
      CURRENT = MethodHandles.lookup().findVarHandle(Epoch.class, "current", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /// One that is never current: nothing read in it is remembered.
  public static final long OVER = -1;

  private volatile long current;

  /// The number of the epoch.
  public long current() {
    return current;
  }

  /// Begins a new epoch. What is removed from the caches is removed after this.
  public void advance() {
    CURRENT.getAndAdd(this, 1L);
  }
}
