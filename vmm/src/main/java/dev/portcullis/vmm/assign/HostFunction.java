package dev.portcullis.vmm.assign;

import dev.portcullis.driver.device.DeviceFeatures;
import dev.portcullis.pci.RequesterId;

/// A PCI function as the monitor sees it.
public interface HostFunction {

  /// Its requester ID.
  RequesterId at();

  /// What it can do beyond plain DMA.
  DeviceFeatures features();

  /// How many different interrupts it can send: 0 to 2048.
  int messages();

  /// Function level reset: what it was doing ends, and it is no bus master any more. Returns when
  /// that is done.
  void reset();
}
