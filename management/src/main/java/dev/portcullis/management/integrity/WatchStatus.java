package dev.portcullis.management.integrity;

import java.util.List;

/// How it goes with a partition.
///
/// @param ranges what is looked at
/// @param pages looked at in each rotation
/// @param rotations how often all of them have been looked at
/// @param changes how many pages were found changed
public record WatchStatus(
    String partition, List<WatchedRange> ranges, long pages, long rotations, long changes) {
  public WatchStatus {
    ranges = List.copyOf(ranges);
  }
}
