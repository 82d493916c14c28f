package dev.portcullis.cli;

import dev.portcullis.vmm.platform.Examiner.Outcome;
import dev.portcullis.vmm.platform.PlatformEvent;
import dev.portcullis.vmm.platform.description.Expectation;
import java.io.PrintWriter;
import java.util.List;

/// A line for each thing that happens, when it happens: for files and pipes.
final class LineView implements RunView {
  private static final long PERIOD_MILLIS = 200;

  private final List<PlatformEvent> events;
  private final PrintWriter out;
  private final Thread thread;
  private int told;

  LineView(List<PlatformEvent> events, PrintWriter out) {
    this.events = events;
    this.out = out;
    this.thread = Thread.ofPlatform().daemon().name("view").start(this::run);
  }

  private void run() {
    try {
      while (true) {
        tell();
        Thread.sleep(PERIOD_MILLIS);
      }
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public synchronized void begins(Expectation expectation) {
    tell();
    say("     ", "%s …".formatted(expectation));
  }

  @Override
  public synchronized void came(Outcome outcome) {
    tell();
    say(
        outcome.held() ? "ok   " : "WRONG",
        "%s: %s".formatted(outcome.expectation(), outcome.detail()));
  }

  private synchronized void tell() {
    while (told < events.size()) {
      say("event", events.get(told++).toString());
    }
  }

  private void say(String kind, String what) {
    out.println(kind + " " + what);
    out.flush();
  }

  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    tell();
  }
}
