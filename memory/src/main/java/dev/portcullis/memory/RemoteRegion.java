package dev.portcullis.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// A region whose bytes are only to be had by asking a peer for them, message by message.
///
/// Slow, and its words are not atomic against the peer's own accesses; atomic accesses are refused.
public final class RemoteRegion extends MemoryRegion {
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final Peer peer;

  /// Who holds the bytes. Addresses are physical ones, not offsets.
  public interface Peer {
    /// Copies `lengthBytes` bytes at `hpa` to `to`; `false` if the peer refuses or is gone.
    boolean read(long hpa, MemorySegment to, long toOffset, long lengthBytes);

    /// Copies `lengthBytes` bytes of `from` to `hpa`; `false` if the peer refuses or is gone.
    boolean write(long hpa, MemorySegment from, long fromOffset, long lengthBytes);
  }

  public RemoteRegion(long base, long sizeBytes, Access access, Peer peer) {
    super(base, sizeBytes, access);
    this.peer = peer;
  }

  @Override
  boolean read(long offset, MemorySegment to, long toOffset, long lengthBytes) {
    return peer.read(base() + offset, to, toOffset, lengthBytes);
  }

  @Override
  boolean write(long offset, MemorySegment from, long fromOffset, long lengthBytes) {
    return isWritable() && peer.write(base() + offset, from, fromOffset, lengthBytes);
  }

  @Override
  boolean fetch64(long offset, Fetched into) {
    return fetch(offset, 8, into);
  }

  @Override
  boolean fetch128(long offset, Fetched into) {
    return fetch(offset, 16, into);
  }

  private boolean fetch(long offset, long lengthBytes, Fetched into) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment words = arena.allocate(16);
      if (!read(offset, words, 0, lengthBytes)) {
        return false;
      }
      into.lo = words.get(LONG, 0);
      if (lengthBytes == 16) {
        into.hi = words.get(LONG, 8);
      }
      return true;
    }
  }

  @Override
  boolean store32(long offset, int value) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment word = arena.allocate(8);
      word.set(INT, 0, value);
      return write(offset, word, 0, 4);
    }
  }

  @Override
  boolean store64(long offset, long value) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment word = arena.allocate(8);
      word.set(LONG, 0, value);
      return write(offset, word, 0, 8);
    }
  }

  @Override
  Exchange compareAndSet64(long offset, long expected, long value) {
    return Exchange.ABORTED;
  }

  @Override
  boolean or64(long offset, long bits) {
    return false;
  }
}
