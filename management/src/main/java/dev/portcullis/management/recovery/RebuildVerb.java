package dev.portcullis.management.recovery;

import dev.portcullis.vmm.platform.control.ControlVerb;
import java.util.Map;
import java.util.function.Consumer;

/// `rebuild` of the control socket: `partition`, and `data`, which is kept if nothing is said.
public final class RebuildVerb implements ControlVerb {
  private static final int PARTS = 200;

  private final Recovery recovery;

  public RebuildVerb(Recovery recovery) {
    this.recovery = recovery;
  }

  @Override
  public Map<String, Object> answer(Map<String, String> request, Consumer<Map<String, Object>> tell)
      throws InterruptedException {
    DataDisk data = DataDisk.of(request.getOrDefault("data", DataDisk.KEEP.word()));
    try {
      recovery.rebuild(request.getOrDefault("partition", ""), data, seldom(tell));
      return Map.of();
    } catch (RecoveryException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  /// Progress that tells no more than can be seen.
  public static RebuildProgress seldom(Consumer<Map<String, Object>> tell) {
    int[] last = {-1};
    String[] lastStep = {""};
    return (step, fraction) -> {
      int part = (int) (fraction * PARTS);
      if (part != last[0] || !step.equals(lastStep[0])) {
        last[0] = part;
        lastStep[0] = step;
        tell.accept(Map.of("step", step, "progress", fraction));
      }
    };
  }
}
