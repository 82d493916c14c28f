package dev.portcullis.cli;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// The settings of the terminal as they were: QEMU changes them, and one that is killed does not
/// change them back.
final class TerminalState implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(TerminalState.class.getName());

  private final String settings;

  private final Thread atExit =
      Thread.ofPlatform().name("restore terminal").unstarted(this::restore);

  private TerminalState(String settings) {
    this.settings = settings;
  }

  /// Remembers the settings of standard input, and brings them back also when this process is told
  /// to end.
  static TerminalState save() {
    TerminalState state = new TerminalState(stty("-g"));
    Runtime.getRuntime().addShutdownHook(state.atExit);
    return state;
  }

  /// Has keys come one by one, none of them meant for this computer; lines still end at the left.
  void unbuffered() {
    if (!settings.isEmpty()) {
      stty("raw", "-echo", "opost");
    }
  }

  private static String stty(String... arguments) {
    List<String> command = new ArrayList<>(List.of("stty"));
    command.addAll(List.of(arguments));
    try {
      Process stty =
          new ProcessBuilder(command)
              .redirectInput(ProcessBuilder.Redirect.INHERIT)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      return new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip();
    } catch (IOException absent) {
      LOG.log(Level.DEBUG, "no stty here", absent);
      return "";
    }
  }

  /// Brings them back.
  @Override
  public void close() {
    restore();
    try {
      Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException exiting) {
      LOG.log(Level.DEBUG, "restored once more at exit", exiting);
    }
  }

  private void restore() {
    if (!settings.isEmpty()) {
      stty(settings);
    }
  }
}
