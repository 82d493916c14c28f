package dev.portcullis.devices.nvme;

import dev.portcullis.devices.block.BlockBackend;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;

/// The one namespace: logical blocks on a backing, whose failures are media errors.
final class Namespace {
  /// Its namespace id.
  static final int ID = 1;

  private static final System.Logger LOG = System.getLogger(Namespace.class.getName());

  /// When a write must be safe from loss of power.
  enum Durability {
    /// At the next flush, if the write cache is on.
    EVENTUALLY,
    /// Before its command ends: Force Unit Access.
    AT_ONCE
  }

  private final BlockBackend backend;
  private final int blockBytes;
  private final AtomicBoolean complained = new AtomicBoolean();
  private volatile boolean writeCache = true;

  /// @throws IllegalArgumentException if the backing is not a whole number of blocks, at least one
  Namespace(BlockBackend backend, int blockBytes) {
    if (backend.sizeBytes() < blockBytes || backend.sizeBytes() % blockBytes != 0) {
      throw new IllegalArgumentException(
          backend.sizeBytes() + " bytes are no whole number of " + blockBytes + "-byte blocks");
    }
    this.backend = backend;
    this.blockBytes = blockBytes;
  }

  /// Where its bytes are.
  BlockBackend backend() {
    return backend;
  }

  /// Capacity in logical blocks.
  long blocks() {
    return backend.sizeBytes() / blockBytes;
  }

  int blockBytes() {
    return blockBytes;
  }

  /// Whether commands that change blocks are refused.
  boolean isWriteProtected() {
    return backend.isReadOnly();
  }

  BlockBackend.Deallocated deallocatedBytes() {
    return backend.deallocatedBytes();
  }

  /// Whether these blocks exist; `first` is unsigned.
  boolean contains(long first, long count) {
    return first >= 0 && count <= blocks() && first <= blocks() - count;
  }

  boolean hasWriteCache() {
    return writeCache;
  }

  /// Turns the volatile write cache on or off; what it holds is made safe first.
  Status writeCache(boolean on) {
    writeCache = on;
    return on ? Status.SUCCESS : flush();
  }

  Status read(long block, ByteBuffer to) {
    return attempt(Status.UNRECOVERED_READ_ERROR, () -> backend.read(block * blockBytes, to));
  }

  Status write(long block, ByteBuffer from, Durability durability) {
    return attempt(
        Status.WRITE_FAULT,
        () -> {
          backend.write(block * blockBytes, from);
          secure(durability);
        });
  }

  Status writeZeroes(long block, long count, Durability durability) {
    return attempt(
        Status.WRITE_FAULT,
        () -> {
          backend.writeZeroes(block * blockBytes, count * blockBytes);
          secure(durability);
        });
  }

  Status deallocate(long block, long count) {
    return attempt(
        Status.WRITE_FAULT, () -> backend.deallocate(block * blockBytes, count * blockBytes));
  }

  Status flush() {
    return isWriteProtected() ? Status.SUCCESS : attempt(Status.WRITE_FAULT, backend::flush);
  }

  private void secure(Durability durability) throws IOException {
    if (durability == Durability.AT_ONCE || !writeCache) {
      backend.flush();
    }
  }

  private interface Access {
    void run() throws IOException;
  }

  private Status attempt(Status ifItFails, Access access) {
    try {
      access.run();
      return Status.SUCCESS;
    } catch (IOException failure) {
      // One line, however often the guest tries again.
      if (complained.compareAndSet(false, true)) {
        LOG.log(System.Logger.Level.WARNING, "disk backing failed: " + failure);
      }
      return ifItFails;
    }
  }

  /// Makes everything safe and gives the backing up.
  void close() {
    flush();
    attempt(Status.WRITE_FAULT, backend::close);
  }
}
