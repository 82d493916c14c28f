package dev.portcullis.machine.description;

import dev.portcullis.pci.RequesterId;

/// Which places of the root bus a machine file may fill.
///
/// Places are functions of a device on bus 0; units are function 0. Device 0 is the host bridge and
/// device 1f the chipset's own.
final class Place {
  private Place() {}

  /// The place of a unit.
  static RequesterId ofUnit(String text) {
    RequesterId place = parse(text);
    if (place.function() != 0) {
      throw new IllegalArgumentException(
          place + " is not function 0 of its device, the only place for a unit");
    }
    return place;
  }

  static RequesterId parse(String text) {
    RequesterId place = RequesterId.parse(text);
    if (place.bus() != 0) {
      throw new IllegalArgumentException(place + " is not on bus 00, where all places are");
    }
    if (place.device() == 0 || place.device() == 0x1f) {
      throw new IllegalArgumentException(
          place + " belongs to the chipset; 00:01.0 to 00:1e.7 are free");
    }
    return place;
  }
}
