package dev.portcullis.vmm.platform.description;

import dev.portcullis.machine.description.MachineFileException;
import dev.portcullis.machine.description.Section;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.spec.fault.FaultReason;
import dev.portcullis.vmm.event.Severity;
import dev.portcullis.vmm.fault.FaultAction;
import dev.portcullis.vmm.fault.FaultClass;
import dev.portcullis.vmm.fault.FaultMatch;
import dev.portcullis.vmm.fault.FaultRate;
import dev.portcullis.vmm.fault.FaultRule;
import dev.portcullis.vmm.fault.FaultRule.OnFailure;
import dev.portcullis.vmm.fault.FaultRule.Then;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/// Reads `faults`, `management` and `events` of a platform file.
final class ManagementReader {
  private static final int DAY_SECONDS = 86_400;
  private static final int COOL_DOWN_SECONDS = 10;
  private static final int MOST_FAULTS = 1_000_000;

  private final Section file;
  private final Path folder;
  private final Function<String, RequesterId> devices;
  private final Function<String, String> partitions;

  /// @param folder what relative paths start from
  /// @param devices finds a device by its name or its place
  /// @param partitions returns the name of a partition that there is
  ManagementReader(
      Section file,
      Path folder,
      Function<String, RequesterId> devices,
      Function<String, String> partitions) {
    this.file = file;
    this.folder = folder;
    this.devices = devices;
    this.partitions = partitions;
  }

  ManagementDescription read() throws MachineFileException {
    List<FaultRule> rules = new ArrayList<>();
    for (Section section : file.sections("faults").orElse(List.of())) {
      rules.add(rule(section));
    }
    Optional<Path> services = file.value("management", this::path);
    Optional<Section> events = file.section("events");
    if (events.isEmpty()) {
      return new ManagementDescription(
          rules,
          services,
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty());
    }
    Section sinks = events.get();
    ManagementDescription description =
        new ManagementDescription(
            rules,
            services,
            sinks.value("json", this::path),
            sinks.value("audit", this::path),
            sinks.value("syslog-file", this::path),
            sinks.value("syslog-udp", ManagementReader::receiver),
            sinks.value("syslog-tcp", ManagementReader::receiver));
    sinks.end();
    return description;
  }

  private Path path(String text) {
    return folder.resolve(text).normalize();
  }

  private static InetSocketAddress receiver(String text) {
    int colon = text.lastIndexOf(':');
    try {
      int port = Integer.parseInt(text.substring(colon + 1));
      if (colon > 0 && port > 0 && port < 1 << 16) {
        return InetSocketAddress.createUnresolved(text.substring(0, colon), port);
      }
    } catch (NumberFormatException e) {
      throw noReceiver(text, e);
    }
    throw noReceiver(text, null);
  }

  private static IllegalArgumentException noReceiver(String text, Throwable cause) {
    return new IllegalArgumentException(
        "\"" + text + "\" is not a host and a port, such as 127.0.0.1:514", cause);
  }

  private FaultRule rule(Section section) throws MachineFileException {
    FaultMatch match =
        FaultMatch.ANY
            .atLeast(section.choice("at-least", Severity.class).orElse(FaultMatch.ANY.atLeast()))
            .functions(set(section, "devices", devices))
            .partitions(set(section, "partitions", partitions))
            .reasons(set(section, "reasons", ManagementReader::reason))
            .classes(set(section, "classes", text -> named(text, FaultClass.values())));
    FaultRate rate =
        new FaultRate(
            section.number("count", 1, MOST_FAULTS).orElse(1),
            Duration.ofSeconds(section.number("within-seconds", 1, DAY_SECONDS).orElse(1)));
    List<FaultAction> actions =
        section
            .values("do", text -> named(text, FaultAction.values()))
            .filter(list -> !list.isEmpty())
            .orElseThrow(
                () -> section.wrong("\"do\" is missing: a list, such as [message, stop-device]"));
    FaultRule rule =
        new FaultRule(
            section.required("name", ManagementReader::name),
            match,
            rate,
            actions,
            Duration.ofSeconds(
                section.number("cool-down-seconds", 1, DAY_SECONDS).orElse(COOL_DOWN_SECONDS)),
            section.flag("escalate").orElse(false) ? OnFailure.ESCALATE : OnFailure.NOTHING,
            section.flag("continue").orElse(false) ? Then.CONTINUE : Then.END);
    section.end();
    return rule;
  }

  private static String name(String text) {
    if (text.isBlank() || text.length() > 100) {
      throw new IllegalArgumentException("a rule's name has 1 to 100 characters");
    }
    return text;
  }

  private static <T> Set<T> set(Section section, String key, Function<String, T> reader)
      throws MachineFileException {
    return new HashSet<>(section.values(key, reader).orElse(List.of()));
  }

  /// `0x79`, or `79h`.
  private static FaultReason reason(String text) {
    String digits =
        text.endsWith("h")
            ? text.substring(0, text.length() - 1)
            : text.startsWith("0x") ? text.substring(2) : "";
    try {
      return FaultReason.of(Integer.parseInt(digits, 16)).orElseThrow(() -> noReason(text, null));
    } catch (NumberFormatException e) {
      throw noReason(text, e);
    }
  }

  private static IllegalArgumentException noReason(String text, Throwable cause) {
    return new IllegalArgumentException("\"" + text + "\" is no fault reason, such as 79h", cause);
  }

  private static <E extends Enum<E>> E named(String text, E[] all) {
    return Arrays.stream(all)
        .filter(one -> word(one).equals(text))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "\"%s\" is none of %s"
                    .formatted(
                        text,
                        String.join(
                            ", ", Arrays.stream(all).map(ManagementReader::word).toList()))));
  }

  private static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
