package dev.portcullis.machine.guest;

import dev.portcullis.machine.description.MachineDescription;
import dev.portcullis.machine.description.UnitDescription;

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
  CACHING_MODE("caching-mode", "intel_iommu=on iommu.strict=1");

  private final String label;
  private final String kernelParameters;

  UnitMode(String label, String kernelParameters) {
    this.label = label;
    this.kernelParameters = kernelParameters;
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
    return this == CACHING_MODE ? machine.withUnits(UnitDescription::withCachingMode) : machine;
  }
}
