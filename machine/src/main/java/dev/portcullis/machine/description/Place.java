package dev.portcullis.machine.description;

import dev.portcullis.pci.RequesterId;

/// Which places of the root bus a machine file may fill.
///
/// Places are function 0 of a device on bus 0. Device 0 is the host bridge and device 1f the
/// chipset's own.
final class Place {
  private Place() {}

  static RequesterId parse(String text) {
    RequesterId place = RequesterId.parse(text);
    if (place.bus() != 0 || place.function() != 0) {
      throw new IllegalArgumentException(
          place + " is not function 0 of a device on bus 00, the only places there are");
    }
    if (place.device() == 0 || place.device() == 0x1f) {
      throw new IllegalArgumentException(
          place + " belongs to the chipset; 00:01.0 to 00:1e.0 are free");
    }
    return place;
  }
}
