package dev.portcullis.vmm.engine;

import dev.portcullis.pci.PciFunction;
import dev.portcullis.pci.RequesterId;

/// Where a partition's functions are plugged in, as its software sees them.
public interface FunctionSlots {

  /// Plugs `function` in at `at` of the partition's bus.
  ///
  /// @throws EngineException if the partition cannot be given one now
  void plug(RequesterId at, PciFunction function) throws EngineException;

  /// Unplugs what is at `at`, as if it were pulled out.
  void unplug(RequesterId at);
}
