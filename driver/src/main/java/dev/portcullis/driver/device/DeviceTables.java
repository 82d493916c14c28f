package dev.portcullis.driver.device;

import dev.portcullis.driver.domain.Attachment;
import dev.portcullis.driver.domain.Domain;
import dev.portcullis.driver.port.DriverException;
import java.util.Optional;

/// The way from a requester to its domain, in the unit's tables.
public sealed interface DeviceTables permits LegacyDevices, ScalableDevices {

  /// What goes into RTADDR, the mode aside.
  long root();

  /// Sends the requests of `place` to the domain `to` and no more to `from`; the unit has forgotten
  /// that one when it returns. If it throws, those requests are blocked.
  void move(Attachment place, Optional<Domain> from, Optional<Domain> to) throws DriverException;

  /// Makes room for what a device has.
  ///
  /// @throws DriverException if the unit cannot serve a device with `features`
  void admit(int sourceId, DeviceFeatures features) throws DriverException;

  /// Takes away what [#admit] gave to a device that is attached to nothing.
  void dismiss(int sourceId, DeviceFeatures features) throws DriverException;

  /// Has faults of a device that is attached to nothing be recorded or not.
  void recordFaults(int sourceId, DeviceFeatures features, FaultRecording recording)
      throws DriverException;

  /// Whether the unit records the faults of a device.
  enum FaultRecording {
    ON,
    /// What it refuses leaves no record, and no interrupt tells of it. The device learns of it as
    /// ever.
    OFF
  }

  /// Gives back every page; the unit uses none of them any more.
  void close();
}
