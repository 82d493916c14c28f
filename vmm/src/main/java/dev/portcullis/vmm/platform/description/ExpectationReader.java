package dev.portcullis.vmm.platform.description;

import dev.portcullis.machine.description.ByteSize;
import dev.portcullis.machine.description.DeviceDescription;
import dev.portcullis.machine.description.MachineDescription;
import dev.portcullis.machine.description.MachineFileException;
import dev.portcullis.machine.description.Section;
import dev.portcullis.net.packet.Ipv4Address;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.vmm.platform.description.Expectation.Target;
import dev.portcullis.vmm.platform.description.PlatformDescription.Step;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Reads the list `expect` of a platform file.
final class ExpectationReader {
  private static final int DEFAULT_SECONDS = 5;
  private static final int MOST_SECONDS = 3600;
  private static final long MIB = 1 << 20;

  private final List<PartitionDescription> partitions;
  private final MachineDescription machine;
  private final Map<String, RequesterId> names;
  private final Map<RequesterId, String> owners;

  ExpectationReader(
      List<PartitionDescription> partitions,
      MachineDescription machine,
      Map<String, RequesterId> names,
      Map<RequesterId, String> owners) {
    this.partitions = partitions;
    this.machine = machine;
    this.names = names;
    this.owners = owners;
  }

  /// What a partition is expected to do.
  private enum Kind {
    PING,
    PAGE,
    TRANSFER,
    DISK,
    INVISIBLE,
    ATTACK,
    STOPPED
  }

  List<Step> read(Section file) throws MachineFileException {
    List<Step> steps = new ArrayList<>();
    for (Section section : file.sections("expect").orElse(List.of())) {
      Optional<List<Section>> together = section.sections("together");
      List<Expectation> step = new ArrayList<>();
      for (Section one : together.orElse(List.of(section))) {
        step.add(expectation(one));
        one.end();
      }
      section.end();
      steps.add(new Step(step));
    }
    return steps;
  }

  private Expectation expectation(Section section) throws MachineFileException {
    Kind kind =
        section
            .choice("does", Kind.class)
            .orElseThrow(() -> section.wrong("\"does\" is missing: ping, page, transfer, disk, …"));
    String from = section.required("from", text -> PlatformFile.partitionName(text, partitions));
    return switch (kind) {
      case PING -> new Expectation.Ping(from, address(section, "to"), within(section));
      case PAGE ->
          new Expectation.Page(
              from,
              address(section, "to"),
              section.value("path", ExpectationReader::path).orElse("/"),
              section.value("contains", text -> text).orElse(""),
              within(section));
      case TRANSFER -> new Expectation.Transfer(from, address(section, "to"), mebibytes(section));
      case DISK -> new Expectation.Disk(from, mebibytes(section));
      case INVISIBLE -> {
        RequesterId at = device(section);
        if (from.equals(owners.get(at))) {
          throw section.wrong("device", at + " is given to " + from + ", which sees it");
        }
        yield new Expectation.Invisible(from, name(at), at);
      }
      case ATTACK -> attack(section, from);
      case STOPPED -> {
        RequesterId at = device(section);
        yield new Expectation.Stopped(from, name(at), at);
      }
    };
  }

  private Expectation attack(Section section, String from) throws MachineFileException {
    RequesterId at = device(section);
    if (!from.equals(owners.get(at))) {
      throw section.wrong(
          "device", "%s is not given to %s: add it to the partition's devices".formatted(at, from));
    }
    boolean isEdu =
        machine.devices().stream()
            .filter(device -> device.at().equals(at))
            .allMatch(device -> device.type() == DeviceDescription.Type.EDU);
    if (!isEdu) {
      throw section.wrong("device", "only a device of type edu does whatever DMA it is told");
    }
    Target target =
        section
            .choice("target", Target.class)
            .orElseThrow(() -> section.wrong("\"target\" is missing"));
    return new Expectation.Attack(from, name(at), at, target);
  }

  private RequesterId device(Section section) throws MachineFileException {
    return section.required("device", text -> PlatformFile.find(text, machine, names));
  }

  private String name(RequesterId at) {
    return names.entrySet().stream()
        .filter(entry -> entry.getValue().equals(at))
        .map(Map.Entry::getKey)
        .findFirst()
        .orElse(at.toString());
  }

  private static Ipv4Address address(Section section, String key) throws MachineFileException {
    return section.required(key, Ipv4Address::parse);
  }

  private static Duration within(Section section) throws MachineFileException {
    return Duration.ofSeconds(
        section.number("within-seconds", 1, MOST_SECONDS).orElse(DEFAULT_SECONDS));
  }

  private static long mebibytes(Section section) throws MachineFileException {
    long bytes = section.required("bytes", ByteSize::parse);
    if (bytes < MIB || bytes % MIB != 0 || bytes > 1024 * MIB) {
      throw section.wrong("bytes", "1 MiB to 1 GiB, in steps of 1 MiB");
    }
    return bytes;
  }

  private static String path(String text) {
    if (!text.startsWith("/") || text.length() > 1000 || !text.matches("[!-~]+")) {
      throw new IllegalArgumentException("\"" + text + "\" is not a path, such as /");
    }
    return text;
  }
}
