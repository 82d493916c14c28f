package dev.portcullis.vmm.engine.qemu;

import java.util.Optional;

/// Which engine a partition gets that leaves it to the monitor, and why.
///
/// @param supply what QEMU is run with; empty for the embedded engine
/// @param why for people
public record EngineChoice(Optional<LinuxSupply> supply, String why) {
  /// Linux does not start with less.
  public static final long LEAST_LINUX_BYTES = 96 << 20;

  /// QEMU, if a usable one is there and the partition has room for a Linux; else embedded.
  ///
  /// @param memoryBytes of the partition
  /// @param found what there is here
  public static EngineChoice auto(long memoryBytes, LinuxSupply.Finding found) {
    if (memoryBytes < LEAST_LINUX_BYTES) {
      return embedded("%d MiB are too few for a Linux in QEMU".formatted(memoryBytes >> 20));
    }
    return new EngineChoice(found.supply(), found.why());
  }

  /// The embedded engine.
  public static EngineChoice embedded(String why) {
    return new EngineChoice(Optional.empty(), why);
  }

  /// What a platform file calls it.
  public String kind() {
    return supply.isPresent() ? "qemu" : "embedded";
  }

  @Override
  public String toString() {
    return "engine " + kind() + ": " + why;
  }
}
