package dev.portcullis.management.provision;

import dev.portcullis.vmm.platform.RunningPartition;

/// Has an eye on partitions as long as they are on the platform.
public interface Caretaker {
  /// A partition has come to the platform. Nothing passes from or to it yet.
  void came(RunningPartition partition);

  /// A partition is gone.
  void went(String partition);
}
