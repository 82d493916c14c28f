package dev.portcullis.unit.drain;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;

/// The requests between their translation and the end of their memory access.
///
/// A device thread brackets both in [#enter] and [#exit]; whoever must be sure that no request
/// still uses what it has just invalidated calls [#drain]. Entering and leaving never block. Two
/// sets of counters take turns: a drain waits for the old set while new requests count in the
/// other, so that a stream of requests cannot hold it up.
///
/// A thread must not drain while it has a request under way itself, and a memory access must end:
/// memory behind a peer needs a time limit.
///
/// @vtd 6.5.4 DMA Draining
public final class InFlight {
  private static final VarHandle COUNT = MethodHandles.arrayElementVarHandle(long[].class);

  /// Per stripe: entered in phase 0 and 1, left in phase 0 and 1, and room up to two cache lines.
  private static final int STRIPE_LONGS = 16;

  private static final int LEFT = 2;
  private static final int SPINS = 200;
  private static final int YIELDS = 1_000;
  private static final long PARK_NANOS = 20_000;

  private final long[] counts;
  private final int stripeMask;
  private volatile int phase;

  /// Nothing under way.
  public InFlight() {
    int stripes = Integer.highestOneBit(Runtime.getRuntime().availableProcessors() * 4 - 1) * 2;
    this.counts = new long[(stripes + 1) * STRIPE_LONGS];
    this.stripeMask = stripes - 1;
  }

  /// Starts `requests` requests, at least 1.
  ///
  /// @return the ticket to give to [#exit]
  public int enter(int requests) {
    if (requests < 1) {
      throw new IllegalArgumentException("requests: " + requests);
    }
    int stripe = (int) Thread.currentThread().threadId() & stripeMask;
    int ticket = (stripe + 1) * STRIPE_LONGS + phase;
    // A full fence too: what this thread looks up from here on is not older than the counter.
    COUNT.getAndAdd(counts, ticket, (long) requests);
    return ticket;
  }

  /// Ends the requests that [#enter] gave `ticket` for; on any thread, with the same number.
  public void exit(int ticket, int requests) {
    COUNT.getAndAdd(counts, ticket + LEFT, (long) requests);
  }

  /// Waits until every request entered before this call has left.
  public synchronized void drain() {
    // What the caller invalidated is visible before any counter is read.
    VarHandle.fullFence();
    int old = phase;
    // A thread that read the phase before an earlier drain turned it may have counted late.
    await(1 - old);
    phase = 1 - old;
    await(old);
  }

  /// Number of requests ever entered.
  public long entered() {
    return sum(0) + sum(1);
  }

  /// Number of requests under way, a moment ago.
  public long underWay() {
    long left = sum(LEFT) + sum(LEFT + 1);
    return entered() - left;
  }

  private void await(int which) {
    for (int tries = 0; !isQuiet(which); tries++) {
      if (tries < SPINS) {
        Thread.onSpinWait();
      } else if (tries < YIELDS) {
        Thread.yield();
      } else {
        LockSupport.parkNanos(PARK_NANOS);
      }
    }
  }

  /// Leavers are summed first: whoever is counted among them is counted among the enterers, too.
  private boolean isQuiet(int which) {
    long left = sum(which + LEFT);
    return sum(which) == left;
  }

  private long sum(int counter) {
    long sum = 0;
    for (int i = STRIPE_LONGS + counter; i < counts.length; i += STRIPE_LONGS) {
      sum += (long) COUNT.getVolatile(counts, i);
    }
    return sum;
  }
}
