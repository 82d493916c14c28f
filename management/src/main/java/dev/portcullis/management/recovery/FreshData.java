package dev.portcullis.management.recovery;

import dev.portcullis.management.boot.verity.Verity;
import dev.portcullis.vmm.platform.boot.BootDisk;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// What a disk of data begins with when its data is replaced. Nobody has signed it, as nobody
/// measures such a disk.
final class FreshData implements Closeable {
  private static final int STEP_BYTES = 1 << 20;

  private final BootDisk disk;
  private final FileChannel channel;
  private final long bytes;

  private FreshData(BootDisk disk, FileChannel channel, long bytes) {
    this.disk = disk;
    this.channel = channel;
    this.bytes = bytes;
  }

  /// Opens an image.
  ///
  /// @throws RecoveryException if it cannot be what the disk begins with
  static FreshData open(BootDisk disk, Path file) throws RecoveryException {
    try {
      FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
      long bytes = channel.size();
      if (bytes % Verity.BLOCK_BYTES != 0 || bytes > disk.blocks().sizeBytes()) {
        channel.close();
        throw new RecoveryException(
            "the image %s has %,d bytes: whole blocks of 4 KiB are needed, and no more than disk %s has"
                .formatted(file, bytes, disk.name()));
      }
      return new FreshData(disk, channel, bytes);
    } catch (NoSuchFileException e) {
      throw new RecoveryException("there is no image " + file, e);
    } catch (IOException e) {
      throw new RecoveryException("the image " + file + ": " + e.getMessage(), e);
    }
  }

  /// The disk.
  BootDisk disk() {
    return disk;
  }

  /// How many bytes of the disk it fills, from the first one on.
  long bytes() {
    return bytes;
  }

  /// Writes a part of it to the disk.
  ///
  /// @return where to go on
  /// @throws IOException also if it has become shorter meanwhile
  long write(long from) throws IOException {
    ByteBuffer part = ByteBuffer.allocate((int) Math.min(STEP_BYTES, bytes - from));
    while (part.hasRemaining()) {
      if (channel.read(part, from + part.position()) < 0) {
        throw new EOFException("the image of disk " + disk.name() + " has become shorter");
      }
    }
    disk.blocks().write(from, part.flip());
    return from + part.limit();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
