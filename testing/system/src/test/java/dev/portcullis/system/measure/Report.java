package dev.portcullis.system.measure;

import dev.portcullis.machine.guest.UnitMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;

/// The figures, as a table for a document and as a chart.
///
/// @param boot seconds to the first command
/// @param jobs requests per second, in the order of [Job]
record Report(UnitMode mode, int rounds, Comparison boot, List<Comparison> jobs) {
  private static final int LEFT = 250;
  private static final int ROW = 26;
  private static final int UNIT = 220;
  private static final int WIDTH = 720;

  /// The table, with where and when it was measured.
  String markdown() throws IOException {
    StringBuilder text = new StringBuilder();
    text.append(
        "%s, %s; unit in %s mode, Linux 6.12, TCG; medians of %d interleaved rounds.%n%n"
            .formatted(LocalDate.now(), computer(), mode.label(), rounds));
    text.append("| | ours | QEMU's | ours / QEMU's | range of the ratio |\n");
    text.append("|---|---:|---:|---:|---:|\n");
    text.append(row("boot to the first command, s", "%.2f", boot));
    for (Job job : Job.values()) {
      text.append(row(job.title() + ", 1/s", "%,.0f", jobs.get(job.ordinal())));
    }
    return text.toString();
  }

  private static String row(String title, String format, Comparison values) {
    String pattern = "| %s | " + format + " | " + format + " | **%.2f** | %.2f–%.2f |%n";
    return String.format(
        Locale.ROOT,
        pattern,
        title,
        values.ours(),
        values.qemus(),
        values.ratio(),
        values.lowestRatio(),
        values.highestRatio());
  }

  /// Processors, and what they are.
  static String computer() throws IOException {
    String model =
        Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
            .filter(line -> line.startsWith("model name"))
            .map(line -> line.substring(line.indexOf(':') + 1).strip())
            .findFirst()
            .orElse("a computer");
    return "%d processors (%s)".formatted(Runtime.getRuntime().availableProcessors(), model);
  }

  /// Throughput ratios as bars; QEMU's is the line at 1.
  String chart() {
    int height = ROW * Job.values().length + 70;
    StringBuilder svg = new StringBuilder();
    svg.append(
        """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %1$d %2$d" width="%1$d" \
        height="%2$d" font-family="system-ui, sans-serif" font-size="13" fill="#1f2933">
        <title>NVMe throughput of a Linux guest, ours divided by QEMU's</title>
        <rect width="%1$d" height="%2$d" fill="#ffffff"/>
        <text x="16" y="24" font-weight="600">NVMe throughput, ours / QEMU's (%3$s mode)</text>
        """
            .formatted(WIDTH, height, mode.label()));
    for (Job job : Job.values()) {
      svg.append(bar(job));
    }
    svg.append(
        """
        <line x1="%1$d" y1="38" x2="%1$d" y2="%2$d" stroke="#1f2933" stroke-dasharray="4 3"/>
        <text x="%1$d" y="%3$d" text-anchor="middle">1.0 = QEMU</text>
        </svg>
        """
            .formatted(LEFT + UNIT, height - 28, height - 10));
    return svg.toString();
  }

  private String bar(Job job) {
    double ratio = jobs.get(job.ordinal()).ratio();
    int y = 42 + ROW * job.ordinal();
    int length = (int) Math.min(WIDTH - LEFT - 50, Math.round(ratio * UNIT));
    return """
    <text x="%d" y="%d" text-anchor="end">%s</text>
    <rect x="%d" y="%d" width="%d" height="16" rx="2" fill="#2f6f9f"/>
    <text x="%d" y="%d">%s</text>
    """
        .formatted(
            LEFT - 10,
            y + 13,
            job.title(),
            LEFT,
            y,
            length,
            LEFT + length + 6,
            y + 13,
            String.format(Locale.ROOT, "%.2f", ratio));
  }
}
