package dev.portcullis.system;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A shell in a user and network namespace of its own, where it is root and alone.
final class Namespace implements AutoCloseable {
  private final Process shell;
  private final StringBuffer said = new StringBuffer();
  private final Thread reader;

  private Namespace(Process shell) {
    this.shell = shell;
    reader = Thread.ofVirtual().start(this::read);
  }

  /// Leaves the test out where the host allows no namespaces; where CI is "true" that is a failure.
  static void assumeAllowed() throws Exception {
    boolean allowed = new ProcessBuilder("unshare", "-Urn", "true").start().waitFor() == 0;
    assumeTrue(allowed || "true".equals(System.getenv("CI")), "no network namespaces here");
  }

  /// Starts `script` there; `$0` and what follows are `words`.
  static Namespace run(String script, String... words) throws IOException {
    List<String> command = new ArrayList<>(List.of("unshare", "-Urn", "sh", "-c", script));
    command.addAll(List.of(words));
    return new Namespace(new ProcessBuilder(command).redirectErrorStream(true).start());
  }

  private void read() {
    try (BufferedReader lines = shell.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        said.append(line).append('\n');
      }
    } catch (IOException killed) {
      said.append(killed.getMessage());
    }
  }

  /// What came out of it until now.
  String said() {
    return said.toString();
  }

  /// Waits for its end.
  ///
  /// @return all that came out of it
  String end() throws InterruptedException {
    if (!shell.waitFor(Lab.COMMAND.toSeconds(), TimeUnit.SECONDS)) {
      throw new AssertionError("no end after %s: %s".formatted(Lab.COMMAND, said));
    }
    reader.join();
    return "%sexit code %d".formatted(said, shell.exitValue());
  }

  @Override
  public void close() {
    shell.destroyForcibly();
  }
}
