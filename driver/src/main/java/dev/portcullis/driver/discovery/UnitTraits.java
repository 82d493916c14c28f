package dev.portcullis.driver.discovery;

import dev.portcullis.spec.register.Capabilities;
import dev.portcullis.spec.register.Capability;
import dev.portcullis.spec.register.ExtendedCapability;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.spec.register.TableMode;

/// What follows for the driver from a unit's capabilities and the mode it is driven in.
///
/// @param capabilities what the unit announces
/// @param mode how it reads its tables
public record UnitTraits(Capabilities capabilities, TableMode mode) {

  public boolean has(Feature feature) {
    return capabilities.has(feature);
  }

  public boolean isScalable() {
    return mode == TableMode.SCALABLE;
  }

  /// Whether the unit may remember that something was not there, so that additions must be
  /// invalidated, too.
  ///
  /// @vtd 6.1 Caching Mode
  public boolean cachesAbsence() {
    return has(Feature.CACHING_MODE);
  }

  /// Whether root, context, PASID and interrupt tables must be flushed out of the processor's
  /// caches.
  public boolean mustFlushStructures() {
    return !has(Feature.COHERENT_TABLES);
  }

  /// Whether paging entries must be flushed out of the processor's caches.
  public boolean mustFlushPaging() {
    return !has(isScalable() ? Feature.SCALABLE_WALK_COHERENCY : Feature.COHERENT_TABLES);
  }

  /// Whether descriptors are 256 bits wide.
  public boolean hasWideDescriptors() {
    return isScalable();
  }

  /// Number of domain-ids: 16 to 65536.
  public int domainIds() {
    return 1 << capabilities.capability().domainIdBits();
  }

  /// Width of a PASID in bits; 0 if requests with PASID are not supported.
  public int pasidBits() {
    boolean supported = isScalable() && has(Feature.PASID);
    return supported ? ExtendedCapability.PSS.intOf(capabilities.extended().word()) + 1 : 0;
  }

  /// Whether second-stage tables translate anything in this mode.
  public boolean hasSecondStage() {
    return secondStageLevels() > 0 && (!isScalable() || has(Feature.SECOND_STAGE));
  }

  /// Whether first-stage tables translate anything in this mode.
  public boolean hasFirstStage() {
    return isScalable() && has(Feature.FIRST_STAGE);
  }

  /// Levels of second-stage tables: 4 if the unit has them, otherwise what it has; 0 for none. Five
  /// levels are for those who need them.
  public int secondStageLevels() {
    Capability capability = capabilities.capability();
    for (int levels : new int[] {4, 5, 3}) {
      if (capability.supportsLevels(levels)) {
        return levels;
      }
    }
    return 0;
  }

  /// The most levels that second-stage tables can have; 0 for none.
  public int mostSecondStageLevels() {
    Capability capability = capabilities.capability();
    for (int levels = 5; levels >= 3; levels--) {
      if (capability.supportsLevels(levels)) {
        return levels;
      }
    }
    return 0;
  }

  /// Highest level at which a second-stage entry may map a page: 1 to 3.
  public int secondStagePageLevel() {
    Capability capability = capabilities.capability();
    if (!capability.supportsLargePage(2)) {
      return 1;
    }
    return capability.supportsLargePage(3) ? 3 : 2;
  }

  /// Highest level at which a first-stage entry may map a page: 2 or 3.
  public int firstStagePageLevel() {
    return has(Feature.FIRST_STAGE_1_GIB_PAGES) ? 3 : 2;
  }

  /// Width of an address that second-stage tables of `levels` levels translate.
  public int secondStageBits(int levels) {
    return Math.min(capabilities.capability().guestAddressBits(), 12 + 9 * levels);
  }
}
