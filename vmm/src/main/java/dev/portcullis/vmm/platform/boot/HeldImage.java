package dev.portcullis.vmm.platform.boot;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;

/// The bytes of an embedded partition's image, kept from when they are measured until they are
/// loaded.
public final class HeldImage {
  private final BootPart part;
  private final byte[] bytes;

  private HeldImage(BootPart part, byte[] bytes) {
    this.part = part;
    this.bytes = bytes;
  }

  /// Reads the image in `source`.
  ///
  /// @param mostBytes how long it may be
  /// @throws IOException if it cannot be read, is longer, or is empty
  public static HeldImage read(Path source, long mostBytes) throws IOException {
    int most = (int) Math.min(mostBytes, Integer.MAX_VALUE - 16);
    try (InputStream in = Files.newInputStream(source)) {
      byte[] bytes = in.readNBytes(most + 1);
      if (bytes.length > most) {
        throw new IOException("%s is longer than %,d bytes".formatted(source, most));
      }
      if (bytes.length == 0) {
        throw new IOException(source + " is empty");
      }
      return new HeldImage(HeldFile.part(BootPart.Kind.IMAGE, source, bytes), bytes);
    }
  }

  /// What was measured.
  public BootPart part() {
    return part;
  }

  /// The very bytes that were measured.
  public MemorySegment bytes() {
    return MemorySegment.ofArray(bytes).asReadOnly();
  }
}
