package dev.portcullis.vmm.software;

import dev.portcullis.guest.block.BlockDevice;
import dev.portcullis.guest.block.DiskException;
import dev.portcullis.vmm.software.Client.Moved;
import java.lang.foreign.MemorySegment;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.SplittableRandom;

/// What a client does with its disk when it is asked to.
public final class DiskWork {
  private static final int CHUNK_BYTES = 1 << 20;

  private DiskWork() {}

  /// Writes bytes that no disk has by chance from the first block on, flushes, and reads them back.
  ///
  /// @param bytes a multiple of 1 MiB
  public static Moved writeAndRead(BlockDevice disk, long bytes)
      throws DiskException, InterruptedException {
    SplittableRandom random = new SplittableRandom();
    MessageDigest sent = sha256();
    MessageDigest received = sha256();
    byte[] chunk = new byte[CHUNK_BYTES];
    int blocks = CHUNK_BYTES / disk.blockBytes();
    long start = System.nanoTime();
    for (long done = 0; done < bytes; done += CHUNK_BYTES) {
      random.nextBytes(chunk);
      sent.update(chunk);
      disk.write(done / CHUNK_BYTES * blocks, MemorySegment.ofArray(chunk), 0, CHUNK_BYTES);
    }
    disk.flush();
    for (long done = 0; done < bytes; done += CHUNK_BYTES) {
      disk.read(done / CHUNK_BYTES * blocks, MemorySegment.ofArray(chunk), 0, CHUNK_BYTES);
      received.update(chunk);
    }
    Duration took = Duration.ofNanos(System.nanoTime() - start);
    HexFormat hex = HexFormat.of();
    return new Moved(bytes, hex.formatHex(sent.digest()), hex.formatHex(received.digest()), took);
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }
}
