package dev.portcullis.driver.device;

import dev.portcullis.driver.domain.DeviceTlb;
import java.util.Optional;

/// What a device has and software has turned on in it.
///
/// @param deviceTlb its own translation cache
/// @param pasidBits width of the PASIDs it sends; 0 for none
/// @param pageRequests whether it asks for pages
public record DeviceFeatures(
    Optional<DeviceTlb> deviceTlb, int pasidBits, PageRequests pageRequests) {
  /// None of it.
  public static final DeviceFeatures NONE =
      new DeviceFeatures(Optional.empty(), 0, PageRequests.OFF);

  /// Whether a device asks for pages that are not there.
  public enum PageRequests {
    OFF,
    ON
  }

  public DeviceFeatures {
    if (pasidBits < 0 || pasidBits > 20) {
      throw new IllegalArgumentException("PASIDs of " + pasidBits + " bits");
    }
    if (pageRequests == PageRequests.ON && deviceTlb.isEmpty()) {
      throw new IllegalArgumentException("page requests without a device-TLB");
    }
  }
}
