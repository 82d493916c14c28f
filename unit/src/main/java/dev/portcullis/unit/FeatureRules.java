package dev.portcullis.unit;

import static java.util.Map.entry;

import dev.portcullis.spec.register.Feature;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Which features a unit cannot announce without others.
///
/// @vtd 11.4.2 Capability Register
/// @vtd 11.4.3 Extended Capability Register
final class FeatureRules {
  /// Features that this unit never has: what they announce is withdrawn, or of another machine.
  private static final Set<Feature> NEVER =
      EnumSet.of(Feature.EXECUTE_REQUESTS, Feature.TDX_CONNECT);

  private static final Map<Feature, List<Feature>> NEEDS =
      Map.ofEntries(
          entry(Feature.FIRST_STAGE_5_LEVELS, List.of(Feature.FIRST_STAGE)),
          entry(Feature.FIRST_STAGE_1_GIB_PAGES, List.of(Feature.FIRST_STAGE)),
          entry(Feature.POSTED_INTERRUPTS, List.of(Feature.INTERRUPT_REMAPPING)),
          entry(Feature.INTERRUPT_REMAPPING_REQUIRED, List.of(Feature.INTERRUPT_REMAPPING)),
          entry(Feature.EXTENDED_INTERRUPT_MODE_REQUIRED, List.of(Feature.EXTENDED_INTERRUPT_MODE)),
          entry(Feature.EXTENDED_INTERRUPT_MODE, List.of(Feature.INTERRUPT_REMAPPING)),
          entry(Feature.INTERRUPT_REMAPPING, List.of(Feature.QUEUED_INVALIDATION)),
          entry(Feature.HOST_PERMISSION_1_GIB, List.of(Feature.HOST_PERMISSION_TABLES)),
          entry(
              Feature.HOST_PERMISSION_TABLES, List.of(Feature.SCALABLE_MODE, Feature.DEVICE_TLBS)),
          entry(Feature.STOP_MARKERS, List.of(Feature.PAGE_REQUESTS)),
          entry(Feature.SECOND_STAGE_IO_RIGHTS, List.of(Feature.SECOND_STAGE)),
          entry(Feature.PASID_IN_TRANSLATED_REQUESTS, List.of(Feature.DEVICE_TLBS, Feature.PASID)),
          entry(Feature.REQUESTER_PRIVILEGE, List.of(Feature.SUPERVISOR_REQUESTS)),
          entry(Feature.PERFORMANCE_MONITORING, List.of(Feature.ENHANCED_COMMANDS)),
          entry(Feature.REQUESTER_PASID, List.of(Feature.SCALABLE_MODE)),
          entry(Feature.SCALABLE_WALK_COHERENCY, List.of(Feature.SCALABLE_MODE)),
          entry(Feature.FIRST_STAGE, List.of(Feature.SCALABLE_MODE)),
          entry(Feature.SECOND_STAGE_ACCESSED_DIRTY, List.of(Feature.SCALABLE_WALK_COHERENCY)),
          entry(Feature.SCALABLE_MODE, List.of(Feature.QUEUED_INVALIDATION)),
          entry(Feature.PAGE_REQUEST_DRAIN, List.of(Feature.DEVICE_TLBS)),
          entry(Feature.DEVICE_TLB_INVALIDATION_THROTTLE, List.of(Feature.DEVICE_TLBS)),
          entry(Feature.PASID, List.of(Feature.SCALABLE_MODE)),
          entry(
              Feature.EXTENDED_ACCESSED_FLAG,
              List.of(Feature.FIRST_STAGE, Feature.SCALABLE_WALK_COHERENCY)),
          entry(Feature.NO_WRITE_FLAG, List.of(Feature.DEVICE_TLBS)),
          entry(Feature.SUPERVISOR_REQUESTS, List.of(Feature.SCALABLE_MODE)),
          entry(Feature.PAGE_REQUESTS, List.of(Feature.DEVICE_TLBS, Feature.SCALABLE_MODE)),
          entry(
              Feature.NESTED_TRANSLATION,
              List.of(Feature.SCALABLE_MODE, Feature.FIRST_STAGE, Feature.SECOND_STAGE)),
          entry(Feature.MEMORY_TYPES, List.of(Feature.SCALABLE_MODE)),
          entry(Feature.DEVICE_TLBS, List.of(Feature.QUEUED_INVALIDATION)));

  private FeatureRules() {}

  /// What a unit can be given.
  static Set<Feature> implemented() {
    return EnumSet.complementOf(EnumSet.copyOf(NEVER));
  }

  /// @throws IllegalArgumentException if `features` contradict one another, saying which two
  static void check(Set<Feature> features) {
    for (Feature feature : features) {
      if (NEVER.contains(feature)) {
        throw new IllegalArgumentException(feature + " is not implemented");
      }
      for (Feature needed : NEEDS.getOrDefault(feature, List.of())) {
        if (!features.contains(needed)) {
          throw new IllegalArgumentException(feature + " needs " + needed);
        }
      }
    }
    if (features.contains(Feature.SCALABLE_MODE) && features.contains(Feature.WRITE_BUFFER_FLUSH)) {
      throw new IllegalArgumentException("SCALABLE_MODE excludes WRITE_BUFFER_FLUSH");
    }
  }
}
