package dev.portcullis.machine.bus;

import dev.portcullis.qtest.server.InterruptInputs;
import java.util.Arrays;

/// Interrupt inputs that somebody may watch, and that lead nowhere else.
public final class InputPins implements InterruptInputs {
  private final Level[] levels;
  private Watcher watcher = (_, _) -> {};

  /// This many, all low.
  public InputPins(int count) {
    levels = new Level[count];
    Arrays.fill(levels, Level.LOW);
  }

  @Override
  public synchronized boolean drive(int input, Level level) {
    if (input < 0 || input >= levels.length) {
      return false;
    }
    if (levels[input] != level) {
      levels[input] = level;
      watcher.changed(input, level);
    }
    return true;
  }

  @Override
  public synchronized void watch(Watcher next) {
    watcher = next;
  }
}
