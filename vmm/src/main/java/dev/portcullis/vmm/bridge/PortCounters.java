package dev.portcullis.vmm.bridge;

import java.util.Map;

/// What went through a port so far.
///
/// @param drops frames that came in here and were not forwarded, or copies of them that were not,
///   by reason; reasons that did not occur are left out
/// @param stations how many stations are known behind it
public record PortCounters(
    long receivedFrames,
    long receivedBytes,
    long sentFrames,
    long sentBytes,
    Map<DropReason, Long> drops,
    int stations) {

  /// How often something was dropped for a reason.
  public long drops(DropReason reason) {
    return drops.getOrDefault(reason, 0L);
  }

  /// How often something was dropped.
  public long allDrops() {
    return drops.values().stream().mapToLong(Long::longValue).sum();
  }
}
