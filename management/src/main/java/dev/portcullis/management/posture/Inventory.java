package dev.portcullis.management.posture;

import dev.portcullis.vmm.VmmException;
import dev.portcullis.vmm.memory.PageRange;
import dev.portcullis.vmm.partition.Mapping;
import dev.portcullis.vmm.platform.RunningPartition;
import dev.portcullis.vmm.platform.RunningPlatform;
import java.lang.foreign.MemorySegment;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/// The collector outside: what can be seen of a partition without asking it, whatever its software
/// says or does. It looks through the monitor at what the partition was given.
public final class Inventory {
  /// How many bytes are hashed for one report at most.
  public static final long MOST_BYTES = 16 << 20;

  private static final int MOST_MAPPINGS = 256;

  private final RunningPlatform platform;
  private final Map<String, List<PageRange>> hashed;
  private final Function<String, Map<String, Object>> boot;

  /// @param hashed guest physical pages by partition, whose hashes go into reports
  /// @param boot what is known of what a partition has booted from: the area `boot`
  public Inventory(
      RunningPlatform platform,
      Map<String, List<PageRange>> hashed,
      Function<String, Map<String, Object>> boot) {
    this.platform = platform;
    this.boot = boot;
    this.hashed = Map.copyOf(hashed);
  }

  /// The areas `platform`, `boot` and `memory` of the facts.
  ///
  /// @throws VmmException if there is no such partition
  Map<String, Map<String, Object>> look(String partition) throws VmmException {
    RunningPartition one = platform.partition(partition);
    return Map.of(
        "platform",
        platform(one),
        "boot",
        boot.apply(partition),
        "memory",
        Map.of("pages", hashes(one)));
  }

  private Map<String, Object> platform(RunningPartition one) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("engine", one.engine().kind());
    facts.put("state", one.engine().state().phase().name().toLowerCase(Locale.ROOT));
    facts.put("memory_bytes", one.description().memoryBytes());
    facts.put("devices", devices(one));
    facts.put("domain", domain(one));
    return facts;
  }

  private List<Map<String, Object>> devices(RunningPartition one) {
    List<Map<String, Object>> devices = new ArrayList<>();
    platform.lvmm().assignments().of(one.partition()).stream()
        .map(assignment -> assignment.function().at())
        .forEach(at ->
            devices.add(
                Map.of(
                    "name",
                    platform.description().nameOf(at),
                    "at",
                    at.toString(),
                    "stopped",
                    platform.isStopped(at))));
    return devices;
  }

  /// What its devices' requests are translated to: so many pages, in these ranges.
  private static Map<String, Object> domain(RunningPartition one) {
    List<Mapping> mappings = one.partition().map().mappings();
    List<String> ranges =
        mappings.stream()
            .limit(MOST_MAPPINGS)
            .map(mapping ->
                "%s %s"
                    .formatted(mapping.guest(), mapping.rights().name().toLowerCase(Locale.ROOT)))
            .toList();
    long pages =
        mappings.stream().mapToLong(mapping -> mapping.guest().bytes()).sum()
            / PageRange.PAGE_BYTES;
    return Map.of("pages", pages, "ranges", ranges);
  }

  private Map<String, Object> hashes(RunningPartition one) {
    Map<String, Object> hashes = new LinkedHashMap<>();
    byte[] page = new byte[(int) PageRange.PAGE_BYTES];
    long left = MOST_BYTES;
    for (PageRange range : hashed.getOrDefault(one.name(), List.of())) {
      MessageDigest sha256 = sha256();
      boolean whole = range.bytes() <= left;
      for (long gpa = range.first(); whole && gpa < range.end(); gpa += page.length) {
        whole = fetch(one, gpa, page);
        sha256.update(page);
      }
      left -= range.bytes();
      if (whole) {
        hashes.put(
            "0x" + Long.toHexString(range.first()), HexFormat.of().formatHex(sha256.digest()));
      }
    }
    return hashes;
  }

  private boolean fetch(RunningPartition one, long gpa, byte[] page) {
    return one.partition()
        .map()
        .hpa(gpa)
        .filter(
            hpa -> platform.memory().map().read(hpa, MemorySegment.ofArray(page), 0, page.length))
        .isPresent();
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }
}
