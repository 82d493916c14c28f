package dev.portcullis.machine;

import dev.portcullis.machine.wiring.BlockedRequest;
import dev.portcullis.unit.Statistics;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What has happened on a platform since it was opened.
///
/// @param units what each unit has done, by its id
/// @param blocked requests that units refused
/// @param newestBlocked the newest of those, oldest first
/// @param interrupts interrupt messages that reached a virtual machine
/// @param lostInterrupts interrupt messages that nobody was there to take
public record PlatformStatistics(
    Map<String, Statistics> units,
    long blocked,
    List<BlockedRequest> newestBlocked,
    long interrupts,
    long lostInterrupts) {

  public PlatformStatistics {
    units = java.util.Collections.unmodifiableMap(new TreeMap<>(units));
    newestBlocked = List.copyOf(newestBlocked);
  }

  /// Requests that units were asked to translate: one for each 4-KiB page that a DMA touches.
  public long requests() {
    return units.values().stream().mapToLong(Statistics::requests).sum();
  }

  /// Requests whose translation was not in a cache, so that tables were walked.
  public long walks() {
    return units.values().stream().mapToLong(Statistics::walks).sum();
  }

  /// Invalidations of any kind that software asked for.
  public long invalidations() {
    return units.values().stream().mapToLong(Statistics::invalidationsInAll).sum();
  }
}
