package dev.portcullis.vmm.audit;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/// Reads a file line by line, of which none may be very long.
final class LineReader implements AutoCloseable {
  /// No record is nearly as long.
  private static final int LONGEST_BYTES = 1 << 20;

  private final InputStream in;
  private long lines;
  private long wholeBytes;
  private byte[] torn = {};

  LineReader(Path file) throws IOException {
    in = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
  }

  /// The next line without its end; null if there is none that has one.
  ///
  /// @throws BrokenException if it is too long to be a record
  byte[] next() throws IOException, BrokenException {
    ByteArrayOutputStream line = new ByteArrayOutputStream(512);
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        torn = line.toByteArray();
        return null;
      }
      if (line.size() == LONGEST_BYTES) {
        lines++;
        throw new BrokenException("no record: longer than a mebibyte");
      }
      line.write(b);
    }
    lines++;
    wholeBytes += line.size() + 1;
    return line.toByteArray();
  }

  /// Number of the line read last, from 1 on.
  long lines() {
    return lines;
  }

  /// How long all lines read are, with their ends.
  long wholeBytes() {
    return wholeBytes;
  }

  /// What comes after the last end of a line, once [#next] has found no more.
  byte[] torn() {
    return torn;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
