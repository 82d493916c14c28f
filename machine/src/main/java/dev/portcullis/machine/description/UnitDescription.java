package dev.portcullis.machine.description;

import dev.portcullis.pci.RequesterId;
import dev.portcullis.spec.register.Capabilities;
import dev.portcullis.spec.register.Capability;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.unit.UnitConfiguration;
import dev.portcullis.unit.UnitConfiguration.Preset;
import dev.portcullis.unit.UnitConfigurationBuilder;
import java.util.function.UnaryOperator;

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
    return announcing(caching);
  }

  /// The same unit with scalable mode: what it announces if it has that mode, else what the profile
  /// `scalable` announces.
  ///
  /// @param change what it shall announce besides, or not announce
  public UnitDescription scalable(UnaryOperator<UnitConfigurationBuilder> change) {
    Capabilities now = configuration.capabilities();
    UnitConfigurationBuilder announced =
        Feature.SCALABLE_MODE.field().isSet(now.extended().word())
            ? UnitConfiguration.builder()
                .version(now.majorVersion(), now.minorVersion())
                .capability(now.capability())
                .extendedCapability(now.extended())
            : Preset.SCALABLE.builder();
    return announcing(
        change.apply(announced.hostAddressBits(now.hostAddressBits())).build().capabilities());
  }

  private UnitDescription announcing(Capabilities capabilities) {
    return new UnitDescription(
        id,
        at,
        new UnitConfiguration(
            capabilities,
            configuration.features(),
            configuration.caches(),
            configuration.faultCollapse(),
            configuration.bit62(),
            configuration.tableReads(),
            configuration.deviceTlbTimeLimit()));
  }
}
