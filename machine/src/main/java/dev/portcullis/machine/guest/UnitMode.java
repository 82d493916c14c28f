package dev.portcullis.machine.guest;

import dev.portcullis.machine.description.MachineDescription;
import dev.portcullis.machine.description.UnitDescription;
import dev.portcullis.spec.register.Feature;
import java.util.function.UnaryOperator;

/// How Linux is told to use the units.
public enum UnitMode {
  /// Every unmapping is invalidated at once.
  STRICT("strict", "intel_iommu=on iommu.strict=1"),
  /// Unmappings are gathered and invalidated together.
  LAZY("lazy", "intel_iommu=on iommu.strict=0"),
  /// Devices pass through with physical addresses.
  PASS_THROUGH("pt", "intel_iommu=on iommu=pt"),
  /// Linux leaves the units alone.
  OFF("off", "intel_iommu=off"),
  /// Strict, and the units announce caching mode.
  CACHING_MODE("caching-mode", "intel_iommu=on iommu.strict=1", UnitDescription::withCachingMode),
  /// Strict, and the units have scalable mode with a first stage: Linux maps with that.
  FIRST_STAGE(
      "first-stage",
      "intel_iommu=on,sm_on iommu.strict=1",
      unit -> unit.scalable(announced -> announced.with(Feature.FIRST_STAGE))),
  /// Strict, and the units have scalable mode with a second stage alone.
  SECOND_STAGE(
      "second-stage",
      "intel_iommu=on,sm_on iommu.strict=1",
      unit ->
          unit.scalable(announced ->
              announced
                  .with(Feature.SECOND_STAGE)
                  .without(
                      Feature.FIRST_STAGE,
                      Feature.FIRST_STAGE_5_LEVELS,
                      Feature.FIRST_STAGE_1_GIB_PAGES,
                      Feature.EXTENDED_ACCESSED_FLAG,
                      Feature.NESTED_TRANSLATION)));

  private final String label;
  private final String kernelParameters;
  private final UnaryOperator<UnitDescription> units;

  UnitMode(String label, String kernelParameters) {
    this(label, kernelParameters, UnaryOperator.identity());
  }

  UnitMode(String label, String kernelParameters, UnaryOperator<UnitDescription> units) {
    this.label = label;
    this.kernelParameters = kernelParameters;
    this.units = units;
  }

  /// What a person calls it.
  public String label() {
    return label;
  }

  /// What the kernel is told.
  public String kernelParameters() {
    return kernelParameters;
  }

  /// `machine` as this mode needs it.
  public MachineDescription applyTo(MachineDescription machine) {
    return machine.withUnits(units);
  }
}
