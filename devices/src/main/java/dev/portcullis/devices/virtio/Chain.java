package dev.portcullis.devices.virtio;

import dev.portcullis.pci.UpstreamPort;
import java.lang.foreign.MemorySegment;

/// A descriptor chain as it was fetched: first what the device reads, then what it writes.
public final class Chain {
  private final long[] addresses;
  private final long[] lengths;
  private int head;
  private int parts;
  private int readable;

  /// @param capacity most descriptors a chain has
  Chain(int capacity) {
    addresses = new long[capacity];
    lengths = new long[capacity];
  }

  void begin(int headIndex) {
    head = headIndex;
    parts = 0;
    readable = 0;
  }

  int head() {
    return head;
  }

  boolean isFull() {
    return parts == addresses.length;
  }

  /// @return whether it may follow those before
  boolean add(long address, long lengthBytes, boolean writable) {
    if (isFull() || !writable && readable < parts) {
      return false;
    }
    addresses[parts] = address;
    lengths[parts++] = lengthBytes;
    readable += writable ? 0 : 1;
    return true;
  }

  /// How many bytes the device may read.
  public long readableBytes() {
    return sum(0, readable);
  }

  /// How many bytes the device may write.
  public long writableBytes() {
    return sum(readable, parts);
  }

  private long sum(int from, int to) {
    long total = 0;
    for (int i = from; i < to; i++) {
      total += lengths[i];
    }
    return total;
  }

  /// Reads all that is readable; it must fit.
  ///
  /// @return whether memory could be reached
  public boolean read(UpstreamPort port, MemorySegment to) {
    long done = 0;
    for (int i = 0; i < readable; i++) {
      if (lengths[i] != 0 && !port.read(addresses[i], to, done, lengths[i]).isSuccess()) {
        return false;
      }
      done += lengths[i];
    }
    return true;
  }

  /// Writes `lengthBytes` bytes of `from`, at most [#writableBytes].
  ///
  /// @return whether memory could be reached
  public boolean write(UpstreamPort port, MemorySegment from, long fromOffset, long lengthBytes) {
    long done = 0;
    for (int i = readable; i < parts && done < lengthBytes; i++) {
      long now = Math.min(lengths[i], lengthBytes - done);
      if (now != 0 && !port.write(addresses[i], from, fromOffset + done, now).isSuccess()) {
        return false;
      }
      done += now;
    }
    return true;
  }
}
