package dev.portcullis.management.integrity;

import dev.portcullis.machine.description.ByteSize;
import dev.portcullis.machine.description.MachineFileException;
import dev.portcullis.machine.description.Section;
import dev.portcullis.management.integrity.IntegrityDescription.Kernel;
import dev.portcullis.management.integrity.IntegrityDescription.Watched;
import dev.portcullis.vmm.memory.PageRange;
import dev.portcullis.vmm.partition.Guard;
import dev.portcullis.vmm.platform.description.PartitionDescription;
import dev.portcullis.vmm.platform.description.PartitionDescription.EngineKind;
import dev.portcullis.vmm.platform.description.PlatformDescription;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// Reads the section `integrity` of a management file.
public final class IntegrityReader {
  /// Of one partition: what is kept of it is 1/64 of that.
  private static final long MOST_BYTES = 512L << 20;

  private static final int MOST_RANGES = 64;
  private static final int USUAL_CPU_PERCENT = 5;
  private static final int MOST_CPU_PERCENT = 50;
  private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");
  private static final Pattern NAME = Pattern.compile("[\\p{L}\\p{N}][\\p{L}\\p{N} ._-]{0,62}");

  private final PlatformDescription platform;

  /// @param platform whose partitions it may name
  public IntegrityReader(PlatformDescription platform) {
    this.platform = platform;
  }

  public IntegrityDescription read(Section section) throws MachineFileException {
    int percent = section.number("cpu-percent", 1, MOST_CPU_PERCENT).orElse(USUAL_CPU_PERCENT);
    List<Watched> partitions = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (Section one : section.sections("partitions").orElse(List.of())) {
      Watched watched = watched(one);
      if (!names.add(watched.partition())) {
        throw one.wrong("name", watched.partition() + " is here twice");
      }
      partitions.add(watched);
    }
    section.end();
    return new IntegrityDescription(percent, partitions);
  }

  private Watched watched(Section section) throws MachineFileException {
    PartitionDescription partition = section.required("name", this::partition);
    boolean denied = section.flag("deny-cpu-writes").orElse(false);
    if (denied && partition.engine() != EngineKind.EMBEDDED) {
      throw section.wrong(
          "deny-cpu-writes", "only an embedded partition's processors can be kept from writing");
    }
    List<WatchedRange> ranges = new ArrayList<>();
    for (Section one : section.sections("ranges").orElse(List.of())) {
      WatchedRange range = range(one, partition.memoryBytes());
      for (WatchedRange other : ranges) {
        if (other.guest().overlaps(range.guest())) {
          throw one.wrong("at", "it overlaps " + other);
        }
      }
      ranges.add(range);
    }
    Kernel kernel = section.choice("kernel", Kernel.class).orElse(Kernel.NONE);
    if (kernel != Kernel.NONE && partition.engine() == EngineKind.EMBEDDED) {
      throw section.wrong("kernel", "an embedded partition has none: take \"engine: qemu\"");
    }
    if (ranges.isEmpty() && kernel == Kernel.NONE || ranges.size() > MOST_RANGES) {
      throw section.wrong("\"ranges\": 1 to %d are needed".formatted(MOST_RANGES));
    }
    if (ranges.stream().mapToLong(range -> range.guest().bytes()).sum() > MOST_BYTES) {
      throw section.wrong("ranges", "more than " + ByteSize.toText(MOST_BYTES));
    }
    section.end();
    return new Watched(partition.name(), denied ? Guard.EVERYBODY : Guard.DEVICES, kernel, ranges);
  }

  private PartitionDescription partition(String name) {
    return platform.partitions().stream()
        .filter(one -> one.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("there is no partition " + name));
  }

  private static WatchedRange range(Section section, long memoryBytes) throws MachineFileException {
    String name = section.required("name", IntegrityReader::name);
    long at = section.required("at", ByteSize::parse);
    long size = section.required("size", ByteSize::parse);
    Optional<String> sha256 = section.value("sha256", IntegrityReader::sha256);
    section.end();
    if (at % PageRange.PAGE_BYTES != 0 || at >= memoryBytes) {
      throw section.wrong("at", "a multiple of 4 KiB below " + ByteSize.toText(memoryBytes));
    }
    if (size % PageRange.PAGE_BYTES != 0 || size == 0 || size > memoryBytes - at) {
      throw section.wrong(
          "size", "a multiple of 4 KiB, up to " + ByteSize.toText(memoryBytes - at));
    }
    return new WatchedRange(name, new PageRange(at, size), sha256);
  }

  private static String name(String text) {
    if (!NAME.matcher(text).matches()) {
      throw new IllegalArgumentException("up to 63 letters, digits, spaces, dots and dashes");
    }
    return text;
  }

  private static String sha256(String text) {
    if (!SHA256.matcher(text).matches()) {
      throw new IllegalArgumentException("a SHA-256 is 64 lower-case hexadecimal digits");
    }
    return text;
  }
}
