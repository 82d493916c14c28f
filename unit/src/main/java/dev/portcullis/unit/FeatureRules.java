package dev.portcullis.unit;

import static java.util.Map.entry;

import dev.portcullis.spec.register.CommandRegisters;
import dev.portcullis.spec.register.Feature;
import dev.portcullis.spec.register.FeatureCapabilities;
import dev.portcullis.spec.register.PerformanceCapability;
import dev.portcullis.unit.monitor.Monitor;
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

  /// @throws IllegalArgumentException if `announced` says something unusual of a feature that is
  ///   not among `features`, or something that this unit does not have
  static void check(Set<Feature> features, FeatureCapabilities announced) {
    FeatureCapabilities usual = FeatureCapabilities.STANDARD;
    PerformanceCapability performance = announced.performance();
    List<Long> commands = announced.enhancedCommands();
    checkNeeded(
        features, "PERFCAP", Feature.PERFORMANCE_MONITORING, performance, usual.performance());
    checkNeeded(features, "ECCAP", Feature.ENHANCED_COMMANDS, commands, usual.enhancedCommands());
    checkNeeded(
        features,
        "VCCAP",
        Feature.VIRTUAL_COMMANDS,
        announced.virtualCommands(),
        usual.virtualCommands());
    checkNeeded(
        features, "MTRRCAP", Feature.MEMORY_TYPES, announced.memoryTypes(), usual.memoryTypes());
    for (int group = 0; group < performance.groups(); group++) {
      long unknown = performance.eventsOf(group) & ~Monitor.countable(group);
      demand(
          unknown == 0, "PERFEVNTCAP%d: events %#x are not counted here".formatted(group, unknown));
    }
    for (int n = 0; n < commands.size(); n++) {
      long unknown = commands.get(n) & ~usual.enhancedCommands().get(n);
      demand(unknown == 0, "ECCAP%d: commands %#x do not exist".formatted(n, unknown));
    }
    boolean usualCommands = commands.equals(usual.enhancedCommands());
    demand(
        usualCommands
            || features.contains(Feature.PERFORMANCE_MONITORING)
            || !CommandRegisters.COUNTER_COMMANDS.isSet(commands.get(3)),
        "ECCAP3: commands of counters need " + Feature.PERFORMANCE_MONITORING);
    long virtual = announced.virtualCommands();
    demand(
        !CommandRegisters.FPS.isSet(virtual) || CommandRegisters.PAS.isSet(virtual),
        "VCCAP.FPS needs VCCAP.PAS: there is no PASID to free");
  }

  private static void checkNeeded(
      Set<Feature> features, String register, Feature needed, Object announced, Object usual) {
    demand(announced.equals(usual) || features.contains(needed), register + " needs " + needed);
  }

  private static void demand(boolean condition, String complaint) {
    if (!condition) {
      throw new IllegalArgumentException(complaint);
    }
  }
}
