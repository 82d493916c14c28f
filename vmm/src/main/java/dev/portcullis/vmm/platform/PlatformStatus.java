package dev.portcullis.vmm.platform;

import dev.portcullis.unit.Statistics;
import dev.portcullis.vmm.assign.Assignment;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// A platform as it is at one moment, in words and numbers.
///
/// @param upSeconds how long it has run
/// @param memory whose each part of physical memory is, lowest first
/// @param bridges of embedded partitions
public record PlatformStatus(
    double upSeconds,
    List<Portion> memory,
    List<PartitionStatus> partitions,
    List<DeviceStatus> devices,
    UnitStatus unit,
    List<BridgeStatus> bridges) {

  /// A part of physical memory.
  ///
  /// @param first host physical address, hexadecimal
  /// @param bytes length
  public record Portion(String first, long bytes, String owner) {}

  /// A partition.
  ///
  /// @param state of its engine
  /// @param window host physical addresses, hexadecimal
  /// @param mappedBytes of its guest physical addresses
  /// @param domain the unit's number for it
  /// @param devices names of its devices
  public record PartitionStatus(
      String name,
      String engine,
      String state,
      String role,
      String window,
      long mappedBytes,
      int domain,
      List<String> devices) {}

  /// A function of the machine.
  ///
  /// @param partition whose it is; empty if nobody's
  /// @param interruptEntries first and last index in the interrupt table; empty if it has none
  public record DeviceStatus(
      String name, String at, String type, String partition, String interruptEntries) {}

  /// The remapping unit, since the platform was started.
  ///
  /// @param mode of the tables
  /// @param requests pages that were asked for
  /// @param walks of tables, for those that no cache knew
  /// @param blocked requests that were refused
  public record UnitStatus(
      String id,
      String mode,
      long requests,
      long walks,
      long invalidations,
      long blocked,
      long interruptsRemapped,
      long interruptsPosted) {}

  /// What `platform` is doing now.
  public static PlatformStatus of(RunningPlatform platform) {
    List<Portion> memory =
        platform.lvmm().physical().portions().stream()
            .map(one ->
                new Portion(hex(one.range().first()), one.range().bytes(), one.owner().toString()))
            .toList();
    double up = Duration.between(platform.started(), Instant.now()).toMillis() / 1e3;
    return new PlatformStatus(
        up, memory, partitions(platform), devices(platform), unit(platform), bridges(platform));
  }

  private static List<BridgeStatus> bridges(RunningPlatform platform) {
    return platform.partitions().stream()
        .flatMap(one -> one.bridge().map(bridge -> BridgeStatus.of(one.name(), bridge)).stream())
        .toList();
  }

  private static String hex(long address) {
    return "0x%x".formatted(address);
  }

  private static List<PartitionStatus> partitions(RunningPlatform platform) {
    List<PartitionStatus> all = new ArrayList<>();
    for (RunningPartition one : platform.partitions()) {
      all.add(
          new PartitionStatus(
              one.name(),
              one.engine().kind(),
              one.engine().state().toString(),
              one.description().role().name().toLowerCase(Locale.ROOT),
              one.partition().window().toString(),
              one.partition().map().mappings().stream()
                  .mapToLong(mapping -> mapping.guest().bytes())
                  .sum(),
              one.partition().domain().id(),
              platform.lvmm().assignments().of(one.partition()).stream()
                  .map(assignment -> platform.description().nameOf(assignment.function().at()))
                  .toList()));
    }
    return all;
  }

  private static List<DeviceStatus> devices(RunningPlatform platform) {
    return platform.chassis().slots().stream()
        .map(slot -> {
          Optional<Assignment> assignment = platform.lvmm().assignments().at(slot.at());
          return new DeviceStatus(
              platform.description().nameOf(slot.at()),
              slot.at().toString(),
              slot.description().type().name().toLowerCase(Locale.ROOT).replace('_', '-'),
              assignment.map(one -> one.partition().name()).orElse(""),
              assignment
                  .flatMap(Assignment::interrupts)
                  .map(block -> block.first() + "-" + (block.first() + block.count() - 1))
                  .orElse(""));
        })
        .toList();
  }

  private static UnitStatus unit(RunningPlatform platform) {
    Statistics statistics = platform.unit().statistics();
    return new UnitStatus(
        platform.description().machine().units().getFirst().id(),
        platform.driver().traits().mode().toString().toLowerCase(Locale.ROOT),
        statistics.requests(),
        statistics.walks(),
        statistics.invalidationsInAll(),
        platform.chassis().blocked().count(),
        statistics.interrupts().remapped(),
        statistics.interrupts().posted());
  }
}
