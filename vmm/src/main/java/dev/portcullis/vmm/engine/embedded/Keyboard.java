package dev.portcullis.vmm.engine.embedded;

import dev.portcullis.vmm.engine.ConsoleLog;
import dev.portcullis.vmm.engine.EngineException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/// The keyboard of an embedded partition, and who reads it: lines are commands to its software.
/// While the partition's processors stand still nothing is read, and what is typed waits, up to a
/// bound.
final class Keyboard {
  private static final int MOST_KEYS = 4096;
  private static final int LINE_CHARS = 256;
  private static final char BACKSPACE = 8;
  private static final char DELETE = 127;

  private final BlockingQueue<Character> keys = new ArrayBlockingQueue<>(MOST_KEYS);
  private final Power power;
  private final Software software;
  private final ConsoleLog log;
  private final StringBuilder line = new StringBuilder();

  Keyboard(Power power, Software software, ConsoleLog log) {
    this.power = power;
    this.software = software;
    this.log = log;
  }

  /// Takes all of `text` or, if it cannot, its beginning.
  ///
  /// @throws EngineException if nobody has read what was typed before
  void type(String text) throws EngineException {
    for (char key : text.toCharArray()) {
      if (!keys.offer(key)) {
        throw new EngineException("it does not read what was typed");
      }
    }
  }

  /// Reads until the power goes: a processor's thread.
  void read() {
    try {
      while (true) {
        char key = keys.take();
        // No key is read while processors stand still.
        power.exit(power.enter());
        press(key);
      }
    } catch (InterruptedException poweredOff) {
      Thread.currentThread().interrupt();
    }
  }

  private void press(char key) throws InterruptedException {
    switch (key) {
      case '\r', '\n' -> {
        echo("\n");
        String command = line.toString().strip();
        line.setLength(0);
        if (!command.isEmpty()) {
          log.line(software.command(command));
        }
      }
      case BACKSPACE, DELETE -> {
        if (!line.isEmpty()) {
          line.setLength(line.length() - 1);
          echo("\b \b");
        }
      }
      default -> {
        if (key >= ' ' && key < DELETE && line.length() < LINE_CHARS) {
          line.append(key);
          echo(String.valueOf(key));
        }
      }
    }
  }

  private void echo(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    log.append(bytes, bytes.length);
  }
}
