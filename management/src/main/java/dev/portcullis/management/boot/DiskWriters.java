package dev.portcullis.management.boot;

import java.util.HashSet;
import java.util.Set;

/// Who writes the disks of a partition that is off: one at a time.
public final class DiskWriters {
  private final Set<String> busy = new HashSet<>();

  /// Nobody does.
  public DiskWriters() {}

  /// Has the caller write them, until it [#end]s.
  ///
  /// @return false if somebody else does
  public synchronized boolean begin(String partition) {
    return busy.add(partition);
  }

  /// Has the caller write them no more.
  public synchronized void end(String partition) {
    busy.remove(partition);
  }
}
