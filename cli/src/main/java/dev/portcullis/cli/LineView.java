package dev.portcullis.cli;

import dev.portcullis.vmm.platform.Examiner.Outcome;
import dev.portcullis.vmm.platform.PlatformEvent;
import dev.portcullis.vmm.platform.description.Expectation;
import java.io.PrintWriter;
import java.util.List;

/// A line for each thing that happens: for files and pipes.
final class LineView implements RunView {
  private final List<PlatformEvent> events;
  private final PrintWriter out;
  private int told;

  LineView(List<PlatformEvent> events, PrintWriter out) {
    this.events = events;
    this.out = out;
  }

  @Override
  public void begins(Expectation expectation) {
    tell();
    say("     ", "%s …".formatted(expectation));
  }

  @Override
  public void came(Outcome outcome) {
    tell();
    say(
        outcome.held() ? "ok   " : "WRONG",
        "%s: %s".formatted(outcome.expectation(), outcome.detail()));
  }

  private void tell() {
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
    tell();
  }
}
