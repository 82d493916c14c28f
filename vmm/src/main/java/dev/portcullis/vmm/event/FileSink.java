package dev.portcullis.vmm.event;

import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Function;

/// Events in a file, one a line.
public final class FileSink implements EventSink {
  private final Path path;
  private final LineFile file;
  private final Function<Event, byte[]> format;

  private FileSink(Path path, Function<Event, byte[]> format) throws IOException {
    this.path = path;
    this.file = LineFile.open(path);
    this.format = format;
  }

  /// CloudEvents, JSON lines.
  ///
  /// @throws IOException if the file cannot be written
  public static FileSink cloudEvents(Path file) throws IOException {
    return new FileSink(file, CloudEvents::encode);
  }

  /// Syslog messages.
  ///
  /// @throws IOException if the file cannot be written
  public static FileSink syslog(Path file, SyslogFormat format) throws IOException {
    return new FileSink(file, event -> format.encode(event, SyslogFormat.LONGEST_BYTES));
  }

  @Override
  public String name() {
    return "file " + path;
  }

  @Override
  public void accept(Event event) throws IOException {
    file.append(format.apply(event));
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
