package dev.portcullis.system;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// `./portcullis`, started as a person starts it.
final class Program {
  private static final Duration LIMIT = Duration.ofMinutes(3);

  private Program() {}

  /// How a program ended, and every byte it wrote.
  record Ended(int exitCode, String out, String err) {}

  /// Runs it to its end, without a terminal.
  static Ended run(String... words) throws Exception {
    return run(new ProcessBuilder(command(words)));
  }

  /// Runs it to its end, with a folder for temporary files of its own.
  static Ended runWithTemporaryFilesIn(Path folder, String... words) throws Exception {
    ProcessBuilder builder = new ProcessBuilder(command(words));
    builder.environment().put("JAVA_TOOL_OPTIONS", "-Djava.io.tmpdir=" + folder);
    return run(builder);
  }

  /// Runs it to its end, with the cache of a user whose caches are in `folder`.
  static Ended runWithCacheIn(Path folder, String... words) throws Exception {
    ProcessBuilder builder = new ProcessBuilder(command(words));
    builder.environment().put("XDG_CACHE_HOME", folder.toString());
    return run(builder);
  }

  private static Ended run(ProcessBuilder builder) throws Exception {
    Path out = Files.createTempFile("portcullis-out", "");
    Path err = Files.createTempFile("portcullis-err", "");
    try {
      Process process =
          builder
              .redirectInput(Path.of("/dev/null").toFile())
              .redirectOutput(out.toFile())
              .redirectError(err.toFile())
              .start();
      boolean ended = process.waitFor(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
      if (!ended) {
        end(process);
      }
      Ended result =
          new Ended(ended ? process.exitValue() : -1, Files.readString(out), Files.readString(err));
      if (!ended) {
        throw new AssertionError("still running after %s: %s".formatted(LIMIT, result));
      }
      return result;
    } finally {
      Files.delete(out);
      Files.delete(err);
    }
  }

  /// Starts it, as [#start(ProcessBuilder)] does.
  static Process start(String... words) throws IOException {
    return start(new ProcessBuilder(command(words)));
  }

  /// Starts a program; what it writes on standard error goes to standard output. It is killed when
  /// it runs for too long, so that nobody waits for its words for ever.
  static Process start(ProcessBuilder builder) throws IOException {
    Process process = builder.redirectErrorStream(true).start();
    CompletableFuture.delayedExecutor(LIMIT.toSeconds(), TimeUnit.SECONDS)
        .execute(process::destroyForcibly);
    return process;
  }

  /// Ends a process in order, or else by force.
  static void end(Process process) throws InterruptedException {
    process.destroy();
    if (!process.waitFor(10, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
    }
  }

  /// Reads lines up to and including the first that contains `last`.
  static List<String> linesUpTo(String last, BufferedReader from) throws IOException {
    List<String> lines = new ArrayList<>();
    for (String line = from.readLine(); line != null; line = from.readLine()) {
      lines.add(line);
      if (line.contains(last)) {
        return lines;
      }
    }
    throw new AssertionError("ended without \"" + last + "\": " + String.join("\n", lines));
  }

  static List<String> command(String... words) {
    List<String> command = new ArrayList<>();
    command.add(Lab.ROOT.resolve("portcullis").toString());
    command.addAll(List.of(words));
    return command;
  }
}
