package dev.portcullis.kit;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Another Java process, which a test kills with SIGKILL, as a failing power supply would: nothing
/// is flushed, closed or told to anybody.
///
/// It says on standard output, a line each, what it has done; where it wants to be held it reads a
/// byte of standard input. What it writes on standard error is shown when it has ended, and in the
/// error of whoever listened to it in vain.
public final class VictimProcess implements AutoCloseable {
  private static final int KILLED = 128 + 9;
  private static final long LIMIT_SECONDS = 60;

  private final Process process;
  private final BufferedReader said;
  private final Path errors;

  private VictimProcess(Process process, Path errors) {
    this.process = process;
    this.said = process.inputReader(StandardCharsets.UTF_8);
    this.errors = errors;
  }

  /// Starts `main` with all that this process sees of classes.
  public static VictimProcess start(Class<?> main, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow"));
    command.addAll(List.of("-cp", classPath(), main.getName()));
    command.addAll(List.of(arguments));
    Path errors = Files.createTempFile("victim", ".err");
    return new VictimProcess(
        new ProcessBuilder(command).redirectError(errors.toFile()).start(), errors);
  }

  /// Modules are as good as any other folder or archive of classes there.
  private static String classPath() {
    return System.getProperty("java.class.path")
        + File.pathSeparator
        + System.getProperty("jdk.module.path", "");
  }

  /// The next line that it says.
  ///
  /// @throws AssertionError if it has ended
  public String line() throws IOException, InterruptedException {
    String line = said.readLine();
    if (line == null) {
      throw new AssertionError(
          "it has ended with %d, and should have said something: %s"
              .formatted(exitCode(), Files.readString(errors)));
    }
    return line;
  }

  /// Lets it go on where it is held.
  public void goOn() throws IOException {
    OutputStream in = process.getOutputStream();
    in.write('.');
    in.flush();
  }

  /// Kills it.
  ///
  /// @return what it has said since it was last listened to
  /// @throws AssertionError if it ends otherwise
  public List<String> kill() throws IOException, InterruptedException {
    // Not the process itself: that would close what it has said.
    process.toHandle().destroyForcibly();
    List<String> rest = new ArrayList<>();
    for (String line = said.readLine(); line != null; line = said.readLine()) {
      rest.add(line);
    }
    int code = exitCode();
    if (code != KILLED) {
      throw new AssertionError("it has ended with %d before it was killed".formatted(code));
    }
    return rest;
  }

  /// How it ended by itself, once it has.
  public int exitCode() throws InterruptedException {
    if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
      throw new AssertionError("it does not end");
    }
    return process.exitValue();
  }

  /// Ends it if it runs.
  @Override
  public void close() throws IOException {
    process.destroyForcibly();
    System.err.write(Files.readAllBytes(errors));
    Files.delete(errors);
  }
}
