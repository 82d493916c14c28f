package dev.portcullis.management.inventory;

import dev.portcullis.management.boot.BootRecord;
import dev.portcullis.management.boot.Measurement;
import dev.portcullis.management.boot.VerifiedBoot;
import dev.portcullis.vmm.platform.PlatformInventory;
import dev.portcullis.vmm.platform.RunningPartition;
import dev.portcullis.vmm.platform.RunningPlatform;
import java.lang.module.ModuleDescriptor;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// What a platform has, and what its partitions boot from, for those who keep lists of assets.
///
/// @param time when it was looked
/// @param images as they were measured; none without verified boot
public record AssetInventory(
    String time, Host host, PlatformInventory platform, List<ImageItem> images) {

  /// What it runs on.
  ///
  /// @param portcullis its version
  /// @param java version of the JDK
  /// @param system operating system, its version, its architecture
  public record Host(String portcullis, String java, String system, int processors) {}

  /// What `platform` has now.
  ///
  /// @param boot knows what was measured, if anybody measures
  public static AssetInventory of(RunningPlatform platform, Optional<VerifiedBoot> boot) {
    return new AssetInventory(
        Instant.now().toString(), runsOn(), PlatformInventory.of(platform), images(platform, boot));
  }

  private static Host runsOn() {
    return new Host(
        version(),
        Runtime.version().toString(),
        "%s %s %s"
            .formatted(
                System.getProperty("os.name"),
                System.getProperty("os.version"),
                System.getProperty("os.arch")),
        Runtime.getRuntime().availableProcessors());
  }

  /// Which build this is, as its module says; `unknown` if that does not.
  public static String version() {
    return Optional.ofNullable(AssetInventory.class.getModule().getDescriptor())
        .flatMap(ModuleDescriptor::rawVersion)
        .orElse("unknown");
  }

  /// What was measured of each partition the latest time that it was about to begin.
  ///
  /// @param boot knows it, if anybody measures
  public static List<ImageItem> images(RunningPlatform platform, Optional<VerifiedBoot> boot) {
    List<ImageItem> all = new ArrayList<>();
    for (RunningPartition partition : platform.partitions()) {
      boot.flatMap(gate -> gate.record(partition.name()))
          .ifPresent(record ->
              record.measurements().stream()
                  .filter(AssetInventory::isDigest)
                  .forEach(one -> all.add(image(record, one))));
    }
    return all;
  }

  /// A command line is measured, too, and data is not.
  private static boolean isDigest(Measurement one) {
    return !one.what().equals(BootRecord.COMMAND_LINE) && !one.value().equals(Measurement.DATA);
  }

  private static ImageItem image(BootRecord record, Measurement one) {
    String same = one.isAsExpected() ? "same" : "different";
    return new ImageItem(
        record.partition(),
        one.what(),
        one.value(),
        one.expected().isPresent() ? same : "silent",
        record.manifestVersion().isPresent()
            ? Long.toString(record.manifestVersion().getAsLong())
            : "",
        record.verdict().name().toLowerCase(Locale.ROOT),
        record.time().toString());
  }
}
