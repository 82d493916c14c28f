package dev.portcullis.machine;

import dev.portcullis.machine.description.UnitDescription;
import dev.portcullis.machine.wiring.HiddenUnitFunction;
import dev.portcullis.unit.RemappingUnit;

/// A remapping unit in its place.
///
/// @param description what it is
/// @param function the function that carries its registers
/// @param station where that sits
public record UnitStation(
    UnitDescription description, HiddenUnitFunction function, Station station) {

  /// What devices call it.
  public String id() {
    return description.id();
  }

  /// The unit itself.
  public RemappingUnit unit() {
    return function.unit();
  }
}
