package dev.portcullis.management.recovery;

import dev.portcullis.vmm.platform.boot.BootDisk;
import java.util.List;

/// A partition as something that is rebuilt.
interface RebuildTarget {
  /// Its name.
  String name();

  /// Its disks.
  List<BootDisk> disks();

  /// Ends it: its processors and its functions do nothing any more when this returns.
  void kill();

  /// Has nothing left of what was in its memory.
  void scrub() throws RecoveryException;

  /// Starts it, if it may.
  void start() throws RecoveryException, InterruptedException;
}
