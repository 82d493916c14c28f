package dev.portcullis.vmm.event;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// A file that grows by whole lines: a line that cannot be written whole is taken back.
public final class LineFile implements AutoCloseable {
  private final FileChannel channel;
  private long goodBytes;

  private LineFile(FileChannel channel, long goodBytes) {
    this.channel = channel;
    this.goodBytes = goodBytes;
  }

  /// Goes on at the end of `file`, which is made if there is none.
  ///
  /// @throws IOException if it cannot be written
  public static LineFile open(Path file) throws IOException {
    FileChannel channel = channel(file);
    try {
      return new LineFile(channel, channel.size());
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /// Goes on after the first `goodBytes` bytes of `file`: what comes after them goes once the next
  /// line is written.
  ///
  /// @throws IOException if it cannot be written
  public static LineFile open(Path file, long goodBytes) throws IOException {
    return new LineFile(channel(file), goodBytes);
  }

  private static FileChannel channel(Path file) throws IOException {
    return FileChannel.open(
        file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.READ);
  }

  /// How long it is: whole lines.
  public long bytes() {
    return goodBytes;
  }

  /// Adds `line` and an end of line.
  ///
  /// @throws IOException if it cannot be written whole; nothing of it is there then, at the latest
  ///   once the next line is
  public void append(byte[] line) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(line.length + 1).put(line).put((byte) '\n').flip();
    try {
      long at = goodBytes;
      while (bytes.hasRemaining()) {
        at += channel.write(bytes, at);
      }
      channel.truncate(at);
      goodBytes = at;
    } catch (IOException e) {
      takeBack(e);
      throw e;
    }
  }

  private void takeBack(IOException why) {
    try {
      channel.truncate(goodBytes);
    } catch (IOException e) {
      why.addSuppressed(e);
    }
  }

  /// Returns when the disk has it.
  ///
  /// @throws IOException if it cannot say so
  public void sync() throws IOException {
    channel.force(true);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
