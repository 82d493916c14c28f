package dev.portcullis.management.endpoint;

import dev.portcullis.machine.description.ByteSize;
import dev.portcullis.machine.description.MachineFileException;
import dev.portcullis.machine.description.Section;
import dev.portcullis.management.posture.Inventory;
import dev.portcullis.management.remediation.RemediationStep;
import dev.portcullis.management.remediation.RemediationStep.Action;
import dev.portcullis.vmm.memory.PageRange;
import dev.portcullis.vmm.platform.description.NetworkAddress;
import dev.portcullis.vmm.platform.description.PartitionDescription;
import dev.portcullis.vmm.platform.description.PartitionDescription.EngineKind;
import dev.portcullis.vmm.platform.description.PartitionDescription.Role;
import dev.portcullis.vmm.platform.description.PlatformDescription;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// Reads the section `access` of management files.
///
/// ```yaml
/// access:
///   policy: office.yaml
///   every-seconds: 60
///   fresh-seconds: 30
///   help: 10.9.0.250/24
///   hash:
///     - {partition: user, at: 64K, size: 64K}
///   steps:
///     - {name: update the client, rules: [old client], do: install, package: client-1.1.package}
///     - {name: rebuild, rules: [wrong kernel], do: rebuild}
/// ```
public final class AccessReader {
  private static final int MOST_SECONDS = 86_400;
  private static final int USUAL_EVERY = 60;
  private static final int USUAL_FRESH = 30;
  private static final int MOST_STEPS = 64;
  private static final Pattern NAME = Pattern.compile("[\\p{L}\\p{N}][\\p{L}\\p{N} ._-]{0,62}");
  private static final Pattern SERVICE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_@.-]{0,62}");
  private static final Pattern PACKAGE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.+~-]{0,99}");

  private final Path folder;
  private final PlatformDescription platform;

  /// What a step does.
  private enum Doing {
    INSTALL,
    RESTART,
    MEASURE,
    REBUILD
  }

  /// @param folder what relative paths start from
  /// @param platform whose partitions it may name
  public AccessReader(Path folder, PlatformDescription platform) {
    this.folder = folder;
    this.platform = platform;
  }

  /// @throws MachineFileException with the line, and what to change
  public AccessDescription read(Section section) throws MachineFileException {
    boolean enforceable =
        platform.partitions().stream()
            .anyMatch(one -> one.role() == Role.BRIDGE && one.engine() != EngineKind.QEMU);
    if (!enforceable) {
      throw section.wrong(
          "access is enforced at the ports of an embedded bridge, and there is none: "
              + "a partition with \"runs: bridge\" and \"engine: embedded\" is needed");
    }
    AccessDescription description =
        new AccessDescription(
            section.required("policy", text -> folder.resolve(text).normalize()),
            seconds(section, "every-seconds", USUAL_EVERY),
            seconds(section, "fresh-seconds", USUAL_FRESH),
            section.value("help", NetworkAddress::parse),
            hashed(section),
            steps(section));
    section.end();
    return description;
  }

  private static Duration seconds(Section section, String key, int usual)
      throws MachineFileException {
    return Duration.ofSeconds(section.number(key, 1, MOST_SECONDS).orElse(usual));
  }

  private Map<String, List<PageRange>> hashed(Section section) throws MachineFileException {
    Map<String, List<PageRange>> hashed = new HashMap<>();
    long bytes = 0;
    for (Section one : section.sections("hash").orElse(List.of())) {
      PartitionDescription partition = one.required("partition", this::partition);
      long at = one.required("at", ByteSize::parse);
      long size = one.required("size", ByteSize::parse);
      one.end();
      if (at % PageRange.PAGE_BYTES != 0
          || size % PageRange.PAGE_BYTES != 0
          || size == 0
          || at > partition.memoryBytes() - size) {
        throw one.wrong("whole pages of 4 KiB below " + ByteSize.toText(partition.memoryBytes()));
      }
      bytes += size;
      if (bytes > Inventory.MOST_BYTES) {
        throw one.wrong("size", "more than 16 MiB of pages in all");
      }
      hashed
          .computeIfAbsent(partition.name(), name -> new ArrayList<>())
          .add(new PageRange(at, size));
    }
    return hashed;
  }

  private PartitionDescription partition(String name) {
    return platform.partitions().stream()
        .filter(one -> one.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("there is no partition " + name));
  }

  private List<RemediationStep> steps(Section section) throws MachineFileException {
    List<RemediationStep> steps = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (Section one : section.sections("steps").orElse(List.of())) {
      RemediationStep step = step(one);
      if (!names.add(step.name())) {
        throw one.wrong("name", step.name() + " is here twice");
      }
      if (step.action() instanceof Action.Install && section.value("help", t -> t).isEmpty()) {
        throw one.wrong("do", "packages are fetched from \"help\", which is missing");
      }
      steps.add(step);
    }
    if (steps.size() > MOST_STEPS) {
      throw section.wrong("steps", "more than %d of them".formatted(MOST_STEPS));
    }
    return steps;
  }

  private RemediationStep step(Section section) throws MachineFileException {
    String name = section.required("name", text -> demand(NAME, text));
    Optional<List<String>> rules = section.values("rules", text -> text);
    Doing doing =
        section
            .choice("do", Doing.class)
            .orElseThrow(
                () -> section.wrong("\"do\" is missing: install, restart, measure or rebuild"));
    Action action =
        switch (doing) {
          case INSTALL -> new Action.Install(section.required("package", this::packageFile));
          case RESTART ->
              new Action.Restart(section.required("service", text -> demand(SERVICE, text)));
          case MEASURE -> new Action.Measure();
          case REBUILD -> new Action.Rebuild();
        };
    section.end();
    return new RemediationStep(name, Set.copyOf(rules.orElse(List.of())), action);
  }

  private Path packageFile(String text) {
    Path file = folder.resolve(text).normalize();
    demand(PACKAGE, String.valueOf(file.getFileName()));
    return file;
  }

  private static String demand(Pattern pattern, String text) {
    if (!pattern.matcher(text).matches()) {
      throw new IllegalArgumentException("\"" + text + "\" is no name for it");
    }
    return text;
  }
}
