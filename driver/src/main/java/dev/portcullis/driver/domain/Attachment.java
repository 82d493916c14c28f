package dev.portcullis.driver.domain;

import java.util.Optional;

/// One place where a domain is used: the requests of a device without PASID, or those with one.
///
/// @param sourceId requester-id of the device
/// @param pasid of the requests; [#REQUESTS_WITHOUT_PASID] for those that have none
/// @param deviceTlb the device's translation cache, if it is on
public record Attachment(int sourceId, int pasid, Optional<DeviceTlb> deviceTlb) {
  /// The PASID under which requests without PASID are looked up: RID_PASID.
  public static final int REQUESTS_WITHOUT_PASID = 0;
}
