package dev.portcullis.vmm.filter.run;

import dev.portcullis.vmm.filter.rule.Part.Counter;
import java.util.concurrent.atomic.LongAdder;

/// What a rule has counted.
final class Tally implements Step {
  private final LongAdder frames = new LongAdder();
  private final LongAdder bytes = new LongAdder();

  Tally(Counter from) {
    frames.add(from.frames());
    bytes.add(from.bytes());
  }

  @Override
  public boolean take(Judgement of) {
    frames.increment();
    bytes.add(of.packet().frame().length);
    return true;
  }

  Counter now() {
    return new Counter(frames.sum(), bytes.sum());
  }
}
