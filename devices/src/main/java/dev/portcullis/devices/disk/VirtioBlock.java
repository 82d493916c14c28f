package dev.portcullis.devices.disk;

import dev.portcullis.devices.block.BlockBackend;
import dev.portcullis.devices.virtio.VirtioFunction;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;

/// A virtio disk with one queue of requests.
///
/// @virtio 5.2 Block Device
public final class VirtioBlock extends VirtioFunction {
  static final int SECTOR_BYTES = 512;

  /// Most parts of a request, and most bytes in one; a request moves no more than their product.
  static final int MOST_PARTS = 16;

  static final int MOST_PART_BYTES = 64 << 10;
  static final int MOST_BYTES = MOST_PARTS * MOST_PART_BYTES;

  static final int REQUESTS = 0;

  private static final int MASS_STORAGE = 0x01_80_00;
  private static final long SIZE_MAX = 1L << 1;
  private static final long SEG_MAX = 1L << 2;
  private static final long READ_ONLY = 1L << 5;
  private static final long BLOCK_SIZE = 1L << 6;
  private static final long FLUSH = 1L << 9;
  private static final int CONFIG_BYTES = 24;

  private final BlockBackend backend;
  private final String serial;
  private volatile BlockWorker worker;

  /// @param serial what software names the disk by; 20 characters of ASCII and no more
  /// @param backend what keeps its bytes, a multiple of 512; closed with the disk
  public VirtioBlock(String serial, BlockBackend backend) {
    super(
        new Kind(
            2,
            MASS_STORAGE,
            SIZE_MAX | SEG_MAX | BLOCK_SIZE | FLUSH | (backend.isReadOnly() ? READ_ONLY : 0),
            1,
            CONFIG_BYTES));
    this.serial = serial;
    this.backend = backend;
  }

  @Override
  protected void begin() {
    worker = new BlockWorker(port(), queue(REQUESTS), new Requests(serial, backend), new Driver());
    worker.start();
  }

  /// What the worker tells the driver.
  private final class Driver implements BlockWorker.Listener {
    @Override
    public void used() {
      interrupt(REQUESTS);
    }

    @Override
    public void failed() {
      needReset();
    }
  }

  @Override
  protected void end() {
    Optional.ofNullable(worker).ifPresent(BlockWorker::stop);
    worker = null;
  }

  @Override
  protected void notified(int queue) {
    Optional.ofNullable(worker).ifPresent(BlockWorker::wake);
  }

  /// ```
  ///  00 capacity, sectors of 512 bytes   08 most bytes of a part   0c most parts
  ///  10 geometry (none)                  14 block size
  /// ```
  @Override
  protected int configByte(int offset) {
    return switch (offset & -4) {
      case 0x00 -> byteOf(backend.sizeBytes() / SECTOR_BYTES, offset);
      case 0x04 -> byteOf(backend.sizeBytes() / SECTOR_BYTES >>> 32, offset - 4);
      case 0x08 -> byteOf(MOST_PART_BYTES, offset - 8);
      case 0x0c -> byteOf(MOST_PARTS, offset - 0x0c);
      case 0x14 -> byteOf(SECTOR_BYTES, offset - 0x14);
      default -> 0;
    };
  }

  private static int byteOf(long value, int number) {
    return (int) (value >>> 8 * number) & 0xff;
  }

  @Override
  public void close() {
    super.close();
    try {
      backend.close();
    } catch (IOException e) {
      throw new UncheckedIOException("the disk does not close", e);
    }
  }
}
