package dev.portcullis.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Somebody who starts `./portcullis` in a shell on a pseudo terminal, types and reads there. It is
/// util-linux's `script` that makes the terminal.
final class PersonAtTerminal implements AutoCloseable {
  private static final long LIMIT_SECONDS = 60;
  private static final String OVER = "the-shell-is-back";

  private final Path folder;
  private final Process script;
  private final StringBuilder seen = new StringBuilder();
  private boolean ended;

  private PersonAtTerminal(Path folder, Process script) {
    this.folder = folder;
    this.script = script;
    Thread.ofVirtual().start(this::read);
  }

  /// Starts it.
  ///
  /// @param folder for what the shell finds out about its terminal
  static PersonAtTerminal start(Path folder, String... words) throws IOException {
    String shell =
        "cd '%s'; tty > tty; stty -g > before; %s; code=$?; stty -g > after; echo %s: $code"
            .formatted(folder, String.join(" ", Program.command(words)), OVER);
    ProcessBuilder builder = new ProcessBuilder("script", "-qfc", shell, "/dev/null");
    builder.environment().put("SHELL", "/bin/sh");
    return new PersonAtTerminal(folder, Program.start(builder));
  }

  private void read() {
    char[] piece = new char[4096];
    try (Reader in = script.inputReader(StandardCharsets.UTF_8)) {
      for (int count = in.read(piece); count >= 0; count = in.read(piece)) {
        synchronized (this) {
          seen.append(piece, 0, count);
          notifyAll();
        }
      }
    } catch (IOException closed) {
      // The terminal is gone: nothing more comes.
    } finally {
      synchronized (this) {
        ended = true;
        notifyAll();
      }
    }
  }

  /// Presses keys, which arrive as they are.
  void type(String keys) throws IOException {
    script.getOutputStream().write(keys.getBytes(StandardCharsets.UTF_8));
    script.getOutputStream().flush();
  }

  /// Waits until `wanted` is on the screen, below what was awaited last.
  ///
  /// @return what came up to its end
  synchronized String await(String wanted) throws InterruptedException {
    long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
    while (seen.indexOf(wanted) < 0) {
      long leftMillis = (deadlineNanos - System.nanoTime()) / 1_000_000;
      if (ended || leftMillis <= 0) {
        throw new AssertionError("not seen: \"%s\" in \"%s\"".formatted(wanted, seen));
      }
      wait(leftMillis);
    }
    int end = seen.indexOf(wanted) + wanted.length();
    String text = seen.substring(0, end);
    seen.delete(0, end);
    return text;
  }

  /// How the terminal is set at present, in `stty`'s words.
  List<String> settings() throws Exception {
    Path terminal = Path.of(Files.readString(folder.resolve("tty")).strip());
    Process stty = new ProcessBuilder("stty", "-a").redirectInput(terminal.toFile()).start();
    String text = new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    return List.of(text.split("[;\\s]+"));
  }

  /// Sends the program SIGTERM.
  void terminateProgram() {
    List<ProcessHandle> programs =
        script
            .descendants()
            .filter(one -> one.info().command().orElse("").endsWith("java"))
            .toList();
    assertThat(programs).hasSize(1);
    assertThat(programs.getFirst().destroy()).isTrue();
  }

  /// Waits for the program's end, and sees the terminal set as it was before.
  ///
  /// @return what came until then, with its exit code at the end
  String awaitEnd() throws Exception {
    String text = await(OVER + ": ") + await("\n").strip();
    assertThat(Files.readString(folder.resolve("after")))
        .isEqualTo(Files.readString(folder.resolve("before")))
        .isNotBlank();
    return text;
  }

  @Override
  public void close() {
    script.descendants().forEach(ProcessHandle::destroyForcibly);
    script.destroyForcibly();
  }
}
