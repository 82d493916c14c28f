package dev.portcullis.driver.invalidation;

import dev.portcullis.driver.port.DriverException;

/// Has the unit carry out invalidations.
public sealed interface Invalidator permits InvalidationQueue, RegisterInvalidation {

  /// Carries out `batch`, and returns when all of it is done: no request uses what it drops, and no
  /// request that did is under way.
  ///
  /// @throws DriverException [DriverException.Reason#INVALIDATION_REFUSED] if the unit refused a
  ///   part, [DriverException.Reason#DEVICE_SILENT] if a device did not answer; the rest is done
  void submit(InvalidationBatch batch) throws DriverException;
}
