package dev.portcullis.conformance.driver;

import dev.portcullis.driver.discovery.Discovery;
import dev.portcullis.driver.discovery.UnitTraits;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.spec.register.TableMode;
import dev.portcullis.unit.UnitConfiguration;
import dev.portcullis.unit.UnitConfiguration.Preset;
import dev.portcullis.unit.UnitConfigurationBuilder;
import dev.portcullis.unit.policy.AddressWidth;
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
  SCALABLE(Preset.LEGACY, Units::scalable),
  SCALABLE_CACHING_MODE(Preset.CACHING_MODE, Units::scalable),
  FIRST_STAGE_ONLY(
      Preset.LEGACY,
      builder ->
          builder.with(
              Feature.SCALABLE_MODE, Feature.FIRST_STAGE, Feature.SCALABLE_WALK_COHERENCY)),
  SECOND_STAGE_ONLY(
      Preset.LEGACY, builder -> builder.with(Feature.SCALABLE_MODE, Feature.SECOND_STAGE)),
  NOT_COHERENT(
      Preset.LEGACY,
      builder ->
          scalable(builder).without(Feature.COHERENT_TABLES, Feature.SCALABLE_WALK_COHERENCY)),
  DEVICE_TLBS(
      Preset.LEGACY,
      builder ->
          scalable(builder).with(Feature.DEVICE_TLBS, Feature.DEVICE_TLB_INVALIDATION_THROTTLE)),
  PAGE_REQUESTS(
      Preset.LEGACY,
      builder ->
          scalable(builder)
              .with(Feature.DEVICE_TLBS, Feature.PAGE_REQUESTS, Feature.PAGE_REQUEST_DRAIN)),
  INTERRUPTS(Preset.LEGACY, Units::remapping),
  INTERRUPTS_CACHING_MODE(Preset.CACHING_MODE, Units::remapping);

  private final Preset preset;
  private final UnaryOperator<UnitConfigurationBuilder> choices;

  Units(Preset preset, UnaryOperator<UnitConfigurationBuilder> choices) {
    this.preset = preset;
    this.choices = choices;
  }

  private static UnitConfigurationBuilder scalable(UnitConfigurationBuilder builder) {
    return builder.with(
        Feature.SCALABLE_MODE,
        Feature.FIRST_STAGE,
        Feature.SECOND_STAGE,
        Feature.NESTED_TRANSLATION,
        Feature.FIRST_STAGE_1_GIB_PAGES,
        Feature.PASID,
        Feature.SCALABLE_WALK_COHERENCY);
  }

  private static UnitConfigurationBuilder remapping(UnitConfigurationBuilder builder) {
    return builder.with(
        Feature.INTERRUPT_REMAPPING, Feature.EXTENDED_INTERRUPT_MODE, Feature.POSTED_INTERRUPTS);
  }

  UnitConfiguration configuration() {
    return choices.apply(preset.builder()).build();
  }

  UnitTraits traits(TableMode mode) {
    return new UnitTraits(configuration().capabilities(), mode);
  }

  boolean has(TableMode mode) {
    return Discovery.supports(configuration().capabilities(), mode);
  }
}
