package dev.portcullis.driver.device;

import dev.portcullis.driver.device.DeviceTables.FaultRecording;
import dev.portcullis.driver.domain.Attachment;
import dev.portcullis.driver.domain.Domain;
import dev.portcullis.driver.port.DriverException;
import java.util.Optional;
import java.util.TreeMap;

/// A device behind the unit. It is blocked until it is attached to a domain.
///
/// Nothing it has asked before a call is under way any more when the call returns. A call that
/// throws leaves the requests it was about blocked.
public final class Device {
  private final int sourceId;
  private final DeviceFeatures features;
  private final DeviceTables tables;
  private final TreeMap<Integer, Domain> domains = new TreeMap<>();
  private boolean silent;

  Device(int sourceId, DeviceFeatures features, DeviceTables tables) {
    this.sourceId = sourceId;
    this.features = features;
    this.tables = tables;
  }

  /// Its requester-id.
  public int sourceId() {
    return sourceId;
  }

  public DeviceFeatures features() {
    return features;
  }

  /// The domain of its requests without PASID.
  public Optional<Domain> domain() {
    return domain(Attachment.REQUESTS_WITHOUT_PASID);
  }

  /// The domain of its requests with `pasid`.
  public synchronized Optional<Domain> domain(int pasid) {
    return Optional.ofNullable(domains.get(pasid));
  }

  /// Sends its requests without PASID through `domain`, instead of through another one if there is.
  public void attach(Domain domain) throws DriverException {
    move(Attachment.REQUESTS_WITHOUT_PASID, domain);
  }

  /// Sends its requests with `pasid` through `domain`.
  ///
  /// @param pasid at least 1: 0 stands for requests without one
  public void attach(int pasid, Domain domain) throws DriverException {
    if (pasid < 1 || pasid >>> features.pasidBits() != 0) {
      throw new IllegalArgumentException("device %04x has no PASID %d".formatted(sourceId, pasid));
    }
    move(pasid, domain);
  }

  /// Blocks its requests without PASID.
  public void detach() throws DriverException {
    move(Attachment.REQUESTS_WITHOUT_PASID, null);
  }

  /// Blocks its requests with `pasid`.
  public void detach(int pasid) throws DriverException {
    move(pasid, null);
  }

  /// Blocks all its requests.
  public synchronized void detachAll() throws DriverException {
    while (!domains.isEmpty()) {
      move(domains.lastKey(), null);
    }
  }

  /// Blocks all its requests, and has none of them recorded until it is attached again: a device
  /// that asks on and on does not fill the records that are there for all.
  public synchronized void silence() throws DriverException {
    detachAll();
    if (!silent) {
      tables.recordFaults(sourceId, features, FaultRecording.OFF);
      silent = true;
    }
  }

  /// Has its faults recorded again, if they are not.
  synchronized void endSilence() throws DriverException {
    if (silent) {
      tables.recordFaults(sourceId, features, FaultRecording.ON);
      silent = false;
    }
  }

  private synchronized void move(int pasid, Domain to) throws DriverException {
    Domain from = domains.get(pasid);
    if (from == to) {
      return;
    }
    if (to != null) {
      endSilence();
    }
    Attachment place = new Attachment(sourceId, pasid, features.deviceTlb());
    if (to != null) {
      to.attached(place);
    }
    try {
      tables.move(place, Optional.ofNullable(from), Optional.ofNullable(to));
    } catch (DriverException e) {
      afterFailure(e, place, to);
      throw e;
    }
    if (to == null) {
      domains.remove(pasid);
    } else {
      domains.put(pasid, to);
    }
    if (from != null) {
      from.detached(place);
    }
  }

  /// Its requests are blocked now. If the unit may still know the old domain, that goes on counting
  /// as attached, so that nothing of it is given back.
  private void afterFailure(DriverException failure, Attachment place, Domain to) {
    Domain from = domains.remove(place.pasid());
    if (to != null) {
      to.detached(place);
    }
    if (from != null && failure.reason() == DriverException.Reason.DEVICE_SILENT) {
      from.detached(place);
    }
  }

  @Override
  public String toString() {
    return "%04x".formatted(sourceId);
  }
}
