package dev.portcullis.qemu.guest;

import java.nio.charset.StandardCharsets;

/// What commands in a guest left behind.
///
/// @param exitCode 0 to 255, as the shell sees it
/// @param stdout every byte they wrote on standard output, and nothing else
/// @param stderr every byte they wrote on standard error
public record ExecResult(int exitCode, byte[] stdout, byte[] stderr) {

  /// Standard output as text, without trailing line ends.
  public String text() {
    return new String(stdout, StandardCharsets.UTF_8).stripTrailing();
  }

  /// Standard error as text, without trailing line ends.
  public String errorText() {
    return new String(stderr, StandardCharsets.UTF_8).stripTrailing();
  }

  public boolean succeeded() {
    return exitCode == 0;
  }

  @Override
  public String toString() {
    return "exit code %d%n%s%n%s".formatted(exitCode, text(), errorText());
  }
}
