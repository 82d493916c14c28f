package dev.portcullis.devices.disk;

import dev.portcullis.devices.block.BlockBackend;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/// Carries out the requests of a virtio disk.
///
/// ```
///  00 type   04 reserved   08 sector        what the driver says; data to write follow
///  data read, then one byte of status       what the device answers
/// ```
///
/// @param serial what software names the disk by
/// @virtio 5.2 Block Device
record Requests(String serial, BlockBackend backend) {
  static final int HEADER_BYTES = 16;

  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private static final int READ = 0;
  private static final int WRITE = 1;
  private static final int FLUSH = 4;
  private static final int IDENTIFY = 8;
  private static final int ID_BYTES = 20;

  /// How a request ended; the ordinal is what the driver finds.
  enum Status {
    OK,
    FAILED,
    UNSUPPORTED
  }

  /// Does what the header says.
  ///
  /// @param said the header, and data to write
  /// @param answer where data that are read go, all zeroes
  Status carryOut(MemorySegment said, MemorySegment answer) {
    long sector = said.get(LONG, 8);
    try {
      return switch (said.get(INT, 0)) {
        case READ -> read(sector, answer);
        case WRITE -> write(sector, said.asSlice(HEADER_BYTES));
        case FLUSH -> flush();
        case IDENTIFY -> identify(answer);
        default -> Status.UNSUPPORTED;
      };
    } catch (IOException e) {
      answer.fill((byte) 0);
      return Status.FAILED;
    }
  }

  private boolean isOnDisk(long sector, long bytes) {
    long left = backend.sizeBytes() - bytes;
    return bytes % VirtioBlock.SECTOR_BYTES == 0
        && left >= 0
        && Long.compareUnsigned(sector, left / VirtioBlock.SECTOR_BYTES) <= 0;
  }

  private Status read(long sector, MemorySegment to) throws IOException {
    if (!isOnDisk(sector, to.byteSize())) {
      return Status.FAILED;
    }
    backend.read(sector * VirtioBlock.SECTOR_BYTES, to.asByteBuffer());
    return Status.OK;
  }

  private Status write(long sector, MemorySegment from) throws IOException {
    if (backend.isReadOnly() || !isOnDisk(sector, from.byteSize())) {
      return Status.FAILED;
    }
    backend.write(sector * VirtioBlock.SECTOR_BYTES, from.asByteBuffer());
    return Status.OK;
  }

  private Status flush() throws IOException {
    backend.flush();
    return Status.OK;
  }

  private Status identify(MemorySegment answer) {
    byte[] name = serial.getBytes(StandardCharsets.US_ASCII);
    long bytes = Math.min(Math.min(name.length, ID_BYTES), answer.byteSize());
    MemorySegment.copy(MemorySegment.ofArray(name), 0, answer, 0, bytes);
    return Status.OK;
  }
}
