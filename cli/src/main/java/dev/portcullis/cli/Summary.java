package dev.portcullis.cli;

import dev.portcullis.machine.PlatformStatistics;
import dev.portcullis.machine.wiring.BlockedRequest;
import dev.portcullis.unit.Statistics;
import dev.portcullis.unit.observe.InvalidationKind;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// What a run came to, for a person.
final class Summary {
  private static final int MOST_FAULTS = 8;

  private final PrintWriter out;

  Summary(PrintWriter out) {
    this.out = out;
  }

  void print(PlatformStatistics statistics) {
    statistics.units().forEach(this::printUnit);
    line(
        "interrupts",
        "%,d delivered%s",
        statistics.interrupts(),
        statistics.lostInterrupts() == 0
            ? ""
            : ", %,d with nobody there".formatted(statistics.lostInterrupts()));
    printFaults(statistics);
    out.flush();
  }

  private void printUnit(String id, Statistics unit) {
    line(
        id,
        "%,d DMA requests; IOTLB hits %s; %,d walks read %,d page-table and %,d context entries",
        unit.requests(),
        hitRate(unit),
        unit.walks(),
        unit.pagingEntriesFetched(),
        unit.contextsFetched());
    line("", "%,d invalidations%s", unit.invalidationsInAll(), kinds(unit.invalidations()));
    printInterrupts(unit.interrupts());
  }

  /// Nothing where no interrupt was remapped: what passed is among those delivered.
  private void printInterrupts(Statistics.Interrupts interrupts) {
    if (interrupts.remapped() + interrupts.posted() > 0) {
      line(
          "",
          "%,d interrupts remapped, %,d posted; %,d table entries read",
          interrupts.remapped(),
          interrupts.posted(),
          interrupts.entriesFetched());
    }
  }

  private static String hitRate(Statistics unit) {
    if (unit.requests() == 0) {
      return "none";
    }
    double rate = 100.0 * (unit.requests() - unit.walks()) / unit.requests();
    return String.format(Locale.ROOT, "%.1f %%", Math.max(0, rate));
  }

  private static String kinds(Map<InvalidationKind, Long> invalidations) {
    return invalidations.isEmpty()
        ? ""
        : new TreeMap<>(invalidations)
            .entrySet().stream()
                .map(kind -> "%,d %s".formatted(kind.getValue(), Words.of(kind.getKey())))
                .collect(Collectors.joining(", ", ": ", ""));
  }

  private void printFaults(PlatformStatistics statistics) {
    if (statistics.blocked() == 0) {
      line("faults", "none");
      return;
    }
    var newest = statistics.newestBlocked();
    var shown = newest.subList(Math.max(0, newest.size() - MOST_FAULTS), newest.size());
    line(
        "faults",
        "%,d %s blocked%s",
        statistics.blocked(),
        statistics.blocked() == 1 ? "request" : "requests",
        statistics.blocked() > shown.size() ? "; the last " + shown.size() + ":" : ":");
    for (BlockedRequest request : shown) {
      line("", "  %s", request);
    }
  }

  private void line(String subject, String format, Object... arguments) {
    out.printf("portcullis: %-11s %s%n", subject, format.formatted(arguments));
  }
}
