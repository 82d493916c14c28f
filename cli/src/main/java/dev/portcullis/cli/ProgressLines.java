package dev.portcullis.cli;

import dev.portcullis.qemu.install.Progress;
import java.io.PrintWriter;

/// Shows how far something is: a bar that moves on a terminal, a line for each step elsewhere.
final class ProgressLines implements Progress, AutoCloseable {
  private static final int BAR_CHARS = 24;
  private static final String CLEAR_LINE = "\r\u001b[K";

  private final PrintWriter err;
  private final boolean onTerminal;
  private String current = "";
  private int shown = -1;

  ProgressLines(PrintWriter err) {
    this(err, Terminal.is(Terminal.Stream.ERROR));
  }

  ProgressLines(PrintWriter err, boolean onTerminal) {
    this.err = err;
    this.onTerminal = onTerminal;
  }

  @Override
  public synchronized void report(String step, double fraction) {
    boolean isNew = !step.equals(current);
    current = step;
    int filled = (int) Math.round(fraction * BAR_CHARS);
    if (!onTerminal) {
      if (isNew) {
        err.println("portcullis: " + step);
        err.flush();
      }
    } else if (isNew || filled != shown) {
      shown = filled;
      err.print(
          CLEAR_LINE + "[" + "#".repeat(filled) + ".".repeat(BAR_CHARS - filled) + "] " + step);
      err.flush();
    }
  }

  /// Clears the bar away.
  @Override
  public synchronized void close() {
    if (onTerminal && !current.isEmpty()) {
      err.print(CLEAR_LINE);
      err.flush();
    }
    current = "";
  }
}
