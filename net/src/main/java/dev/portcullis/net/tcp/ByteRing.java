package dev.portcullis.net.tcp;

/// Bytes of a stream around its current place: the byte at offset `n` lies at `n` modulo the
/// capacity. It takes memory when the first byte comes.
final class ByteRing {
  private final int capacity;
  private byte[] bytes;

  /// @param capacity a power of two
  ByteRing(int capacity) {
    this.capacity = capacity;
  }

  int capacity() {
    return capacity;
  }

  void put(long offset, byte[] from, int at, int length) {
    if (bytes == null) {
      bytes = new byte[capacity];
    }
    int start = (int) offset & capacity - 1;
    int first = Math.min(length, capacity - start);
    System.arraycopy(from, at, bytes, start, first);
    System.arraycopy(from, at + first, bytes, 0, length - first);
  }

  void get(long offset, byte[] to, int at, int length) {
    if (length == 0) {
      return;
    }
    int start = (int) offset & capacity - 1;
    int first = Math.min(length, capacity - start);
    System.arraycopy(bytes, start, to, at, first);
    System.arraycopy(bytes, 0, to, at + first, length - first);
  }

  /// Gives its memory back; nothing is read from it any more.
  void free() {
    bytes = null;
  }
}
