package dev.portcullis.driver.device;

import dev.portcullis.driver.port.DriverException;
import java.util.HashMap;
import java.util.Map;

/// The devices the driver knows.
public final class DeviceRegister {
  private final DeviceTables tables;
  private final Map<Integer, Device> devices = new HashMap<>();

  public DeviceRegister(DeviceTables tables) {
    this.tables = tables;
  }

  /// The device with requester-id `sourceId`, blocked if it is new.
  ///
  /// @throws IllegalArgumentException if it is known with other features
  public synchronized Device admit(int sourceId, DeviceFeatures features) throws DriverException {
    if ((sourceId & ~0xffff) != 0) {
      throw new IllegalArgumentException("no requester-id: %#x".formatted(sourceId));
    }
    Device known = devices.get(sourceId);
    if (known == null) {
      tables.admit(sourceId, features);
      known = new Device(sourceId, features, tables);
      devices.put(sourceId, known);
    }
    if (!known.features().equals(features)) {
      throw new IllegalArgumentException("device " + known + " has " + known.features());
    }
    return known;
  }

  /// Forgets a device, which is blocked from then on.
  public synchronized void dismiss(Device device) throws DriverException {
    device.detachAll();
    device.endSilence();
    tables.dismiss(device.sourceId(), device.features());
    devices.remove(device.sourceId());
  }
}
