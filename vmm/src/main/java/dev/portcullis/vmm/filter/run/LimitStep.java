package dev.portcullis.vmm.filter.run;

import dev.portcullis.vmm.filter.rule.Part.Limit;
import dev.portcullis.vmm.filter.rule.Part.Side;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/// Lets frames through as long as they come slowly, or those that come too fast.
///
/// A bucket that holds the burst fills up with time, each frame takes its share out. Kept as the
/// moment at which the bucket will be full again, so that one compare-and-set does it.
final class LimitStep implements Step {
  private final LongSupplier nanoClock;
  private final boolean over;
  private final long frameNanos;
  private final long burstNanos;
  private final AtomicLong fullAgain;

  LimitStep(Limit limit, LongSupplier nanoClock) {
    this.nanoClock = nanoClock;
    this.over = limit.side() == Side.OVER;
    this.frameNanos = limit.unit().nanos() / limit.frames();
    // A week's share times the greatest burst is more than a long holds.
    this.burstNanos = Math.min(Long.MAX_VALUE / 4, saturated(frameNanos, limit.burst()));
    this.fullAgain = new AtomicLong(nanoClock.getAsLong());
  }

  private static long saturated(long a, long b) {
    return a > Long.MAX_VALUE / b ? Long.MAX_VALUE : a * b;
  }

  @Override
  public boolean take(Judgement of) {
    return takeOne(nanoClock.getAsLong()) != over;
  }

  private boolean takeOne(long now) {
    while (true) {
      long full = fullAgain.get();
      long missing = Math.max(0, full - now);
      if (missing + frameNanos > burstNanos) {
        return false;
      }
      if (fullAgain.compareAndSet(full, now + missing + frameNanos)) {
        return true;
      }
    }
  }
}
