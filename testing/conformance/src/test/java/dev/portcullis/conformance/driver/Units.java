package dev.portcullis.conformance.driver;

import dev.portcullis.driver.discovery.Discovery;
import dev.portcullis.driver.discovery.UnitTraits;
import dev.portcullis.spec.register.Capabilities;
import dev.portcullis.spec.register.Capability;
import dev.portcullis.spec.register.ExtendedCapability;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.spec.register.TableMode;
import dev.portcullis.unit.UnitConfiguration;
import dev.portcullis.unit.UnitConfiguration.Preset;
import dev.portcullis.unit.UnitConfigurationBuilder;
import dev.portcullis.unit.policy.AddressWidth;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;

/// Kinds of unit that make a difference to a driver.
enum Units {
  LEGACY(Preset.LEGACY, builder -> builder),
  CACHING_MODE(Preset.CACHING_MODE, builder -> builder),
  REGISTER_BASED(Preset.REGISTER_BASED, builder -> builder),
  REGISTER_BASED_CACHING_MODE(Preset.REGISTER_BASED, builder -> builder.with(Feature.CACHING_MODE)),
  WRITE_BUFFERED(Preset.LEGACY, builder -> builder.with(Feature.WRITE_BUFFER_FLUSH)),
  THREE_LEVELS(
      Preset.LEGACY,
      builder ->
          builder
              .hostAddressBits(39)
              .guestAddressBits(39)
              .addressWidths(Set.of(AddressWidth.BITS_39))),
  SMALL_PAGES_ONLY(Preset.LEGACY, builder -> builder.largePages(Set.of())),
  DOMAIN_SELECTIVE(Preset.LEGACY, builder -> builder.without(Feature.PAGE_SELECTIVE_INVALIDATION)),
  ENHANCED_POINTERS(
      Preset.LEGACY, builder -> builder.with(Feature.ENHANCED_SET_ROOT_TABLE_POINTER)),
  SCALABLE(Preset.LEGACY, builder -> builder, Scalable.ALL_STAGES),
  SCALABLE_CACHING_MODE(Preset.CACHING_MODE, builder -> builder, Scalable.ALL_STAGES),
  FIRST_STAGE_ONLY(
      Preset.LEGACY,
      builder -> builder,
      List.of(Feature.SCALABLE_MODE, Feature.FIRST_STAGE, Feature.SCALABLE_WALK_COHERENCY)),
  SECOND_STAGE_ONLY(
      Preset.LEGACY, builder -> builder, List.of(Feature.SCALABLE_MODE, Feature.SECOND_STAGE));

  private final Preset preset;
  private final UnaryOperator<UnitConfigurationBuilder> choices;
  private final List<Feature> scalable;

  Units(Preset preset, UnaryOperator<UnitConfigurationBuilder> choices) {
    this(preset, choices, List.of());
  }

  Units(Preset preset, UnaryOperator<UnitConfigurationBuilder> choices, List<Feature> scalable) {
    this.preset = preset;
    this.choices = choices;
    this.scalable = scalable;
  }

  UnitConfiguration configuration() {
    UnitConfiguration base = choices.apply(preset.builder()).build();
    Capabilities old = base.capabilities();
    long cap = old.capability().word();
    long ecap = old.extended().word();
    for (Feature feature : scalable) {
      cap |= feature.word() == Feature.Word.CAP ? feature.field().mask() : 0;
      ecap |= feature.word() == Feature.Word.ECAP ? feature.field().mask() : 0;
    }
    if (scalable.contains(Feature.PASID)) {
      ecap |= ExtendedCapability.PSS.encode(19);
    }
    return new UnitConfiguration(
        new Capabilities(
            old.majorVersion(),
            old.minorVersion(),
            new Capability(cap),
            new ExtendedCapability(ecap),
            old.hostAddressBits()),
        base.caches(),
        base.faultCollapse(),
        base.bit62(),
        base.deviceTlbTimeLimit());
  }

  /// Features that belong together.
  private static final class Scalable {
    static final List<Feature> ALL_STAGES =
        List.of(
            Feature.SCALABLE_MODE,
            Feature.FIRST_STAGE,
            Feature.SECOND_STAGE,
            Feature.NESTED_TRANSLATION,
            Feature.FIRST_STAGE_1_GIB_PAGES,
            Feature.PASID,
            Feature.SCALABLE_WALK_COHERENCY);
  }

  UnitTraits traits(TableMode mode) {
    return new UnitTraits(configuration().capabilities(), mode);
  }

  boolean has(TableMode mode) {
    return Discovery.supports(configuration().capabilities(), mode);
  }
}
