package dev.portcullis.qemu.host;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// A command of the host that runs to its end: no input, both outputs read line by line as one.
///
/// The locale is C, so output can be parsed. An interrupt or the time limit kills the process.
///
/// @param words the program and its arguments
/// @param environment variables it gets besides ours
/// @param folder where it runs
public record HostCommand(List<String> words, Map<String, String> environment, Path folder) {

  /// What is kept of an output: a command that floods cannot exhaust the heap.
  private static final int OUTPUT_LIMIT_CHARS = 4 << 20;

  public HostCommand {
    words = List.copyOf(words);
    environment = Map.copyOf(environment);
  }

  public HostCommand(List<String> words) {
    this(words, Map.of());
  }

  public HostCommand(List<String> words, Map<String, String> environment) {
    this(words, environment, Path.of("").toAbsolutePath());
  }

  /// How a command ended: its exit code and what it wrote.
  public record Result(int exitCode, String output) {
    public boolean succeeded() {
      return exitCode == 0;
    }

    /// The first line it wrote, for a message; empty if it wrote nothing.
    public String firstLine() {
      return output.lines().findFirst().orElse("").strip();
    }
  }

  /// Runs the command.
  ///
  /// @throws IOException if it cannot be started, or if it outlives `limit`
  public Result run(Duration limit) throws IOException, InterruptedException {
    return run(limit, line -> {});
  }

  /// Runs the command and hands every line to `watcher` as it comes.
  ///
  /// @throws IOException if it cannot be started, or if it outlives `limit`
  public Result run(Duration limit, Consumer<String> watcher)
      throws IOException, InterruptedException {
    var builder = new ProcessBuilder(words).directory(folder.toFile()).redirectErrorStream(true);
    builder.environment().putAll(environment);
    builder.environment().put("LC_ALL", "C");
    var process = builder.start();
    try {
      process.getOutputStream().close();
      var output = new StringBuffer();
      var reader =
          Thread.ofVirtual().name(words.getFirst()).start(() -> read(process, output, watcher));
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new IOException(
            "%s did not end within %d s".formatted(words.getFirst(), limit.toSeconds()));
      }
      reader.join();
      return new Result(process.exitValue(), output.toString());
    } finally {
      process.destroyForcibly();
    }
  }

  private static void read(Process process, StringBuffer output, Consumer<String> watcher) {
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (output.length() < OUTPUT_LIMIT_CHARS) {
          output.append(line).append('\n');
        }
        watcher.accept(line);
      }
    } catch (IOException killed) {
      output.append(killed.getMessage()).append('\n');
    }
  }
}
