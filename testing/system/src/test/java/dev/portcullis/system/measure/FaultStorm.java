package dev.portcullis.system.measure;

import dev.portcullis.net.packet.Ipv4Address;
import dev.portcullis.vmm.platform.RunningPlatform;
import dev.portcullis.vmm.platform.description.PlatformFile;
import dev.portcullis.vmm.software.Client;
import dev.portcullis.vmm.software.Client.Moved;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/// What a partition pays for a device of another partition that is refused again and again.
///
/// A user partition uses its disk, and its network through the bridge of the services partition,
/// while a device of a third partition does DMA, or wants to. All of it is held against a device
/// that does nothing; 10,000 refused DMA a second against as many that are permitted. Beside the
/// throughput, which others on the computer disturb, it says what the whole process but for the
/// device's thread has used of the processors. All ways take turns, in another order each round, so
/// that whatever else the computer does hits all of them. Start it by `mvn -pl testing/system -am
/// verify -Pmeasure-storm -DskipTests`.
public final class FaultStorm {
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final long DISK_BYTES = 64 << 20;
  private static final long NETWORK_BYTES = 16 << 20;
  private static final Ipv4Address PEER = Ipv4Address.parse("10.9.0.1");

  private static final String PLATFORM =
      """
      memory: 256M
      units: [{at: 00:01.0, profile: scalable}]
      devices:
        - {name: nic, type: virtio-net, at: 00:03.0}
        - {name: disk, type: nvme, at: 00:04.0, size: 64M}
        - {name: rogue, type: iommu-testdev, at: 00:05.0}
      partitions:
        - {name: user, memory: 64M, runs: client, address: 10.9.0.2/24, devices: [disk]}
        - {name: other, memory: 16M, runs: client, devices: [rogue]}
        - {name: services, memory: 32M, runs: bridge, devices: [nic]}
      links:
        - between: [user, services]
      events: {audit: audit.log, json: events.json}
      """;

  private final int rounds;
  private final Map<Load, Map<Storm.Kind, List<Double>>> rates = new EnumMap<>(Load.class);
  private final Map<Load, Map<Storm.Kind, List<Double>>> costs = new EnumMap<>(Load.class);
  private final Map<Storm.Kind, List<Double>> dmaRates = new EnumMap<>(Storm.Kind.class);
  private final Map<Storm.Kind, List<Double>> readers = new EnumMap<>(Storm.Kind.class);

  /// What the user partition does.
  private enum Load {
    DISK("disk"),
    NETWORK("network");

    private final String title;

    Load(String title) {
      this.title = title;
    }

    /// @return bytes a second
    private double run(Client client) throws Exception {
      Moved moved =
          this == DISK
              ? client.disk(DISK_BYTES, LIMIT)
              : client.transfer(PEER, NETWORK_BYTES, LIMIT);
      if (!moved.isEqual()) {
        throw new IllegalStateException("what came back was not what was sent");
      }
      return 2 * moved.bytes() / (moved.took().toNanos() / 1e9);
    }
  }

  private FaultStorm(int rounds) {
    this.rounds = rounds;
    for (Load load : Load.values()) {
      rates.put(load, new EnumMap<>(Storm.Kind.class));
      costs.put(load, new EnumMap<>(Storm.Kind.class));
    }
  }

  /// @param arguments number of rounds; 31 if left out
  public static void main(String[] arguments) throws Exception {
    int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 31;
    FaultStorm measurement = new FaultStorm(rounds);
    measurement.run();
    System.out.println(measurement.markdown());
  }

  private void run() throws Exception {
    Path folder = Files.createTempDirectory("portcullis-storm-");
    try (RunningPlatform platform =
        RunningPlatform.start(
            PlatformFile.parse("storm.yaml", folder, PLATFORM), folder, event -> {})) {
      Client client = platform.partition("user").client().orElseThrow();
      for (Storm.Kind kind : Storm.Kind.values()) {
        measure(platform, client, kind, -1);
      }
      for (int round = 0; round < rounds; round++) {
        for (int i = 0; i < Storm.Kind.values().length; i++) {
          int next = (i + round) % Storm.Kind.values().length;
          measure(platform, client, Storm.Kind.values()[next], round);
        }
      }
    } finally {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  /// @param round -1 for one that does not count
  private void measure(RunningPlatform platform, Client client, Storm.Kind kind, int round)
      throws Exception {
    try (Storm storm = Storm.begin(platform, kind)) {
      for (Load load : Load.values()) {
        long before = storm.othersNanos();
        double rate = load.run(client);
        double millis = (storm.othersNanos() - before) / 1e6;
        if (round >= 0) {
          rates.get(load).computeIfAbsent(kind, k -> new ArrayList<>()).add(rate);
          costs.get(load).computeIfAbsent(kind, k -> new ArrayList<>()).add(millis);
        }
      }
      if (round >= 0) {
        dmaRates.computeIfAbsent(kind, k -> new ArrayList<>()).add(storm.perSecond());
        readers.computeIfAbsent(kind, k -> new ArrayList<>()).add(storm.readersMillisPerSecond());
        System.err.printf("round %d: %s%n", round + 1, kind.title());
      }
    }
  }

  private String markdown() throws IOException {
    StringBuilder text = new StringBuilder();
    text.append(
        "%s, %s; medians of %d rounds.%n%n".formatted(LocalDate.now(), Report.computer(), rounds));
    text.append("| the other's device | DMA/s | reading faults, ms/s |");
    for (Load load : Load.values()) {
      text.append(
          " %s, MiB/s | ratio | middle half | processors, ms | ratio | middle half |"
              .formatted(load.title));
    }
    text.append("\n|---|---:|---:|").append("---:|".repeat(6 * Load.values().length)).append('\n');
    for (Storm.Kind kind : Storm.Kind.values()) {
      text.append(
          "| %s | %,.0f | %.1f |"
              .formatted(
                  kind.title(),
                  quantile(dmaRates.get(kind), 0.5),
                  quantile(readers.get(kind), 0.5)));
      for (Load load : Load.values()) {
        text.append(cells(kind, rates.get(load), 1.0 / (1 << 20)));
        text.append(cells(kind, costs.get(load), 1));
      }
      text.append('\n');
    }
    return text.toString();
  }

  private static String cells(Storm.Kind kind, Map<Storm.Kind, List<Double>> rates, double unit) {
    double rate = quantile(rates.get(kind), 0.5) * unit;
    List<Double> ratios = new ArrayList<>();
    for (int i = 0; i < rates.get(kind).size(); i++) {
      ratios.add(rates.get(kind).get(i) / rates.get(kind.heldAgainst()).get(i));
    }
    return kind == kind.heldAgainst()
        ? " %.0f | | |".formatted(rate)
        : String.format(
            Locale.ROOT,
            " %.0f | **%.2f** | %.2f–%.2f |",
            rate,
            quantile(ratios, 0.5),
            quantile(ratios, 0.25),
            quantile(ratios, 0.75));
  }

  private static double quantile(List<Double> values, double part) {
    List<Double> sorted = values.stream().sorted().toList();
    double at = part * (sorted.size() - 1);
    double low = sorted.get((int) Math.floor(at));
    double high = sorted.get((int) Math.ceil(at));
    return low + (high - low) * (at - Math.floor(at));
  }
}
