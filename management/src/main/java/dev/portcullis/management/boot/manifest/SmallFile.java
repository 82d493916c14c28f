package dev.portcullis.management.boot.manifest;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/// Reads files that are not long.
final class SmallFile {
  private SmallFile() {}

  /// All of `file`.
  ///
  /// @throws IOException if it is missing, or longer; the message is for people
  static byte[] read(Path file, int mostBytes) throws IOException {
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw new IOException(file + ": not a file");
    }
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(mostBytes + 1);
      if (bytes.length > mostBytes) {
        throw new IOException("%s: larger than %,d bytes".formatted(file, mostBytes));
      }
      return bytes;
    } catch (NoSuchFileException e) {
      throw new IOException(file + ": there is no such file", e);
    } catch (FileSystemException e) {
      throw new IOException(file + ": cannot be read", e);
    }
  }
}
