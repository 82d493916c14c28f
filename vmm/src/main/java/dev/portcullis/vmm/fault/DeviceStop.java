package dev.portcullis.vmm.fault;

import dev.portcullis.pci.RequesterId;
import dev.portcullis.vmm.VmmException;
import dev.portcullis.vmm.assign.Assignments;
import java.util.Optional;

/// Stops functions for [Actions#stopDevice], by way of their assignments.
public final class DeviceStop {
  private final Assignments assignments;

  public DeviceStop(Assignments assignments) {
    this.assignments = assignments;
  }

  /// As [Actions#stopDevice].
  public void stop(RequesterId at, Optional<String> partition) throws ActionFailedException {
    if (partition.isEmpty()) {
      throw new ActionFailedException("function " + at + " belonged to no partition");
    }
    try {
      assignments.quarantine(at, partition.get());
    } catch (VmmException e) {
      throw new ActionFailedException(e.getMessage(), e);
    }
  }
}
