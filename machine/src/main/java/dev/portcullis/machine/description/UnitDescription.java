package dev.portcullis.machine.description;

import dev.portcullis.pci.RequesterId;
import dev.portcullis.spec.register.Capabilities;
import dev.portcullis.spec.register.Capability;
import dev.portcullis.unit.UnitConfiguration;

/// A remapping unit of a machine.
///
/// @param id what devices call it
/// @param at place of the function that carries its registers
/// @param configuration what it is
public record UnitDescription(String id, RequesterId at, UnitConfiguration configuration) {

  /// The same unit, announcing that it caches entries that are not present.
  public UnitDescription withCachingMode() {
    Capabilities now = configuration.capabilities();
    Capabilities caching =
        new Capabilities(
            now.majorVersion(),
            now.minorVersion(),
            new Capability(now.capability().word() | Capability.CM.mask()),
            now.extended(),
            now.hostAddressBits());
    return new UnitDescription(
        id,
        at,
        new UnitConfiguration(
            caching,
            configuration.caches(),
            configuration.faultCollapse(),
            configuration.bit62(),
            configuration.tableReads(),
            configuration.deviceTlbTimeLimit()));
  }
}
