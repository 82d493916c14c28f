package dev.portcullis.vmm.assign;

import dev.portcullis.driver.device.DeviceFeatures;
import dev.portcullis.pci.RequesterId;
import java.util.List;

/// A PCI function as the monitor sees it.
public interface HostFunction {

  /// Its place.
  RequesterId at();

  /// What its requests carry: its place, unless a bridge or its own device puts another there.
  default RequesterId requester() {
    return at();
  }

  /// The functions that the unit cannot keep apart from it. None of them belongs to one partition
  /// while it belongs to another.
  default List<RequesterId> companions() {
    return List.of();
  }

  /// What it can do beyond plain DMA.
  DeviceFeatures features();

  /// How many different interrupts it can send: 0 to 2048.
  int messages();

  /// Function level reset: what it was doing ends, and it is no bus master any more. Returns when
  /// that is done.
  void reset();
}
