package dev.portcullis.cli;

import dev.portcullis.vmm.platform.Examiner.Outcome;
import dev.portcullis.vmm.platform.PlatformEvent;
import dev.portcullis.vmm.platform.PlatformStatus;
import dev.portcullis.vmm.platform.RunningPlatform;
import dev.portcullis.vmm.platform.description.Expectation;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/// A picture of the platform on a terminal, drawn anew twice a second: partitions, devices, the
/// unit, what is being looked at, what happened last.
final class LiveView implements RunView {
  private static final long PERIOD_MILLIS = 500;
  private static final int EVENTS = 6;
  private static final int BAR_CHARS = 30;
  private static final int WIDTH = 118;
  private static final String CLEAR_TO_END = "\u001b[J";
  private static final String CLEAR_LINE = "\u001b[K";

  private final RunningPlatform platform;
  private final List<PlatformEvent> events;
  private final List<Outcome> outcomes;
  private final PrintWriter out;
  private final Thread thread;
  private String current = "";
  private int drawn;
  private long requestsBefore;
  private long drawnNanos = System.nanoTime();

  LiveView(
      RunningPlatform platform,
      List<PlatformEvent> events,
      List<Outcome> outcomes,
      PrintWriter out) {
    this.platform = platform;
    this.events = events;
    this.outcomes = outcomes;
    this.out = out;
    this.thread = Thread.ofPlatform().daemon().name("view").start(this::run);
  }

  private void run() {
    try {
      while (true) {
        draw();
        Thread.sleep(PERIOD_MILLIS);
      }
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public synchronized void begins(Expectation expectation) {
    current = expectation.toString();
  }

  @Override
  public synchronized void came(Outcome outcome) {
    current = "";
  }

  private synchronized void draw() {
    PlatformStatus status = PlatformStatus.of(platform);
    List<String> lines = new ArrayList<>();
    lines.add("");
    lines.addAll(StatusTable.of(status));
    lines.add(rate(status));
    lines.add("");
    lines.add(progress());
    for (Outcome outcome : outcomes) {
      lines.add((outcome.held() ? "  ok    " : "  WRONG ") + outcome.expectation());
    }
    lines.add("");
    int first = Math.max(0, events.size() - EVENTS);
    for (PlatformEvent event : events.subList(first, events.size())) {
      lines.add("  ! " + event);
    }
    print(lines);
  }

  private String rate(PlatformStatus status) {
    long now = System.nanoTime();
    long requests = status.unit().requests();
    double perSecond = (requests - requestsBefore) * 1e9 / Math.max(1, now - drawnNanos);
    requestsBefore = requests;
    drawnNanos = now;
    return "%,.0f DMA/s".formatted(perSecond);
  }

  private String progress() {
    int all = Math.max(1, platform.description().expectations().size());
    int filled = outcomes.size() * BAR_CHARS / all;
    return "[%s%s] %d of %d%s"
        .formatted(
            "#".repeat(filled),
            ".".repeat(BAR_CHARS - filled),
            outcomes.size(),
            all,
            current.isEmpty() ? "" : ": " + current + " …");
  }

  private void print(List<String> lines) {
    StringBuilder screen = new StringBuilder();
    if (drawn > 0) {
      screen.append("\u001b[").append(drawn).append('A');
    }
    for (String line : lines) {
      screen.append(line, 0, Math.min(line.length(), WIDTH)).append(CLEAR_LINE).append('\n');
    }
    out.print(screen.append(CLEAR_TO_END));
    out.flush();
    drawn = lines.size();
  }

  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    draw();
    out.println();
  }
}
