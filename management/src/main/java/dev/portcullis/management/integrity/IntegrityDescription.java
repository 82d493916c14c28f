package dev.portcullis.management.integrity;

import dev.portcullis.vmm.partition.Guard;
import java.util.List;

/// What is looked at, and how much that may cost.
///
/// @param cpuPercent of one processor that the agents use at most
public record IntegrityDescription(int cpuPercent, List<Watched> partitions) {
  public IntegrityDescription {
    partitions = List.copyOf(partitions);
  }

  /// What of one partition is looked at.
  ///
  /// @param guard who is kept from writing there
  /// @param kernel whether its kernel is to be looked for
  public record Watched(String partition, Guard guard, Kernel kernel, List<WatchedRange> ranges) {

    /// Ranges alone.
    public Watched(String partition, Guard guard, List<WatchedRange> ranges) {
      this(partition, guard, Kernel.NONE, ranges);
    }

    public Watched {
      ranges = List.copyOf(ranges);
    }
  }

  /// A kernel that is looked for.
  public enum Kernel {
    /// None.
    NONE,
    /// A Linux: its text and its read-only data.
    LINUX
  }
}
