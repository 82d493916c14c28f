package dev.portcullis.management.containment;

import dev.portcullis.machine.description.MachineFileException;
import dev.portcullis.machine.description.Section;
import dev.portcullis.management.containment.ContainmentDescription.Cause;
import dev.portcullis.management.containment.ContainmentDescription.Sign;
import dev.portcullis.vmm.platform.description.PartitionDescription;
import dev.portcullis.vmm.platform.description.PartitionDescription.Role;
import dev.portcullis.vmm.platform.description.PlatformDescription;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Reads the section `containment` of a management file.
public final class ContainmentReader {
  private static final int MONTH_SECONDS = 30 * 86_400;
  private static final int DAY_SECONDS = 86_400;
  private static final int MOST_SIGNS = 32;
  private static final int MOST_COUNT = 1_000_000;
  private static final int MOST_TARGETS = 4096;

  private static final List<Sign> USUAL =
      List.of(
          new Sign(Cause.FAULT, 20, Duration.ofMinutes(1), Trigger.SUSPECT),
          new Sign(Cause.INTEGRITY_DENIED, 1, Duration.ofMinutes(1), Trigger.CONTAIN),
          new Sign(Cause.INTEGRITY_VIOLATION, 1, Duration.ofMinutes(1), Trigger.CONTAIN),
          new Sign(Cause.SCAN, 64, Duration.ofSeconds(10), Trigger.CONTAIN));

  private final PlatformDescription platform;

  /// @param platform whose partitions it may name
  public ContainmentReader(PlatformDescription platform) {
    this.platform = platform;
  }

  public ContainmentDescription read(Section section) throws MachineFileException {
    Optional<List<String>> named = section.values("partitions", this::partition);
    List<String> partitions = named.orElseGet(this::clients);
    if (new HashSet<>(partitions).size() != partitions.size()) {
      throw section.wrong("partitions", "one is here twice");
    }
    Map<ContainmentState, Duration> limits = new EnumMap<>(ContainmentState.class);
    limit(section, "suspected", 300, ContainmentState.SUSPECTED, limits);
    limit(section, "contained", 86_400, ContainmentState.CONTAINED, limits);
    limit(section, "remediating", 1800, ContainmentState.REMEDIATING, limits);
    limit(section, "verified", 600, ContainmentState.VERIFIED, limits);
    boolean trusts = section.flag("suspicion-passes").orElse(false);
    List<Sign> signs = new ArrayList<>();
    Optional<List<Section>> given = section.sections("signs");
    for (Section one : given.orElse(List.of())) {
      signs.add(sign(one));
    }
    if (signs.size() > MOST_SIGNS) {
      throw section.wrong("signs", "more than " + MOST_SIGNS);
    }
    section.end();
    return new ContainmentDescription(
        partitions,
        named.isEmpty(),
        limits,
        trusts ? ContainmentState.NORMAL : ContainmentState.CONTAINED,
        given.isPresent() ? signs : USUAL);
  }

  private List<String> clients() {
    return platform.partitions().stream()
        .filter(one -> one.role() == Role.CLIENT)
        .map(PartitionDescription::name)
        .toList();
  }

  private String partition(String name) {
    PartitionDescription partition =
        platform.partitions().stream()
            .filter(one -> one.name().equals(name))
            .findFirst()
            .orElseThrow(() -> new IllegalArgumentException("there is no partition " + name));
    if (partition.role() == Role.BRIDGE) {
      throw new IllegalArgumentException(
          "partition " + name + " is the bridge: others would be cut off with it");
    }
    return name;
  }

  private static void limit(
      Section section,
      String state,
      int usualSeconds,
      ContainmentState of,
      Map<ContainmentState, Duration> limits)
      throws MachineFileException {
    int seconds = section.number(state + "-seconds", 1, MONTH_SECONDS).orElse(usualSeconds);
    limits.put(of, Duration.ofSeconds(seconds));
  }

  private static Sign sign(Section section) throws MachineFileException {
    Cause on =
        section.choice("on", Cause.class).orElseThrow(() -> section.wrong("\"on\" is missing"));
    int most = on == Cause.SCAN ? MOST_TARGETS : MOST_COUNT;
    int count = section.number("count", 1, most).orElse(1);
    int seconds = section.number("within-seconds", 1, DAY_SECONDS).orElse(60);
    Trigger then = section.required("do", ContainmentReader::deed);
    section.end();
    return new Sign(on, count, Duration.ofSeconds(seconds), then);
  }

  private static Trigger deed(String word) {
    return switch (word) {
      case "suspect" -> Trigger.SUSPECT;
      case "contain" -> Trigger.CONTAIN;
      case "power-off" -> Trigger.POWER_OFF;
      default ->
          throw new IllegalArgumentException(
              "\"" + word + "\" is none of suspect, contain, power-off");
    };
  }
}
