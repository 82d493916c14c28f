package dev.portcullis.driver.domain;

/// What the unit must know to invalidate a device's own translation cache.
///
/// @param physicalFunction requester-id of the physical function, for a virtual one; otherwise its
///   own
/// @param queueDepth invalidations the device can have pending: 1 to 32
/// @pcie 10.3 ATS Invalidation
public record DeviceTlb(int physicalFunction, int queueDepth) {

  public DeviceTlb {
    if ((physicalFunction & ~0xffff) != 0 || queueDepth < 1 || queueDepth > 32) {
      throw new IllegalArgumentException(
          "no device-TLB: function %#x, depth %d".formatted(physicalFunction, queueDepth));
    }
  }
}
