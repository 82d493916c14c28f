package dev.portcullis.vmm.platform.control;

import dev.portcullis.vmm.console.Output;
import java.io.IOException;
import java.util.Optional;

/// A partition's console, at the person's end of a control socket; it ends with the client that it
/// came from.
public final class ConsoleConnection implements ConsoleEnd {
  private final Lines lines;
  private final String writer;

  ConsoleConnection(Lines lines, String writer) {
    this.lines = lines;
    this.writer = writer;
  }

  /// Who wrote when this began; empty for nobody.
  public String writer() {
    return writer;
  }

  @Override
  public Optional<Output> next() throws IOException {
    String line = lines.read();
    if (line == null) {
      return Optional.empty();
    }
    return Optional.of(ConsoleWords.read(line));
  }

  @Override
  public void type(String keys) throws IOException {
    lines.write(ConsoleWords.keys(keys));
  }

  @Override
  public void takeOver() throws IOException {
    lines.write(ConsoleWords.takeOver());
  }

  @Override
  public void leave() throws IOException {
    lines.end();
  }
}
