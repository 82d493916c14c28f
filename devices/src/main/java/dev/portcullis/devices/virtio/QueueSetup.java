package dev.portcullis.devices.virtio;

/// What the driver has written of one queue.
final class QueueSetup {
  static final int MOST_ENTRIES = 256;
  static final int NO_VECTOR = 0xffff;

  int size;
  int vector;
  boolean enabled;
  long descriptors;
  long available;
  long used;

  QueueSetup() {
    reset();
  }

  void reset() {
    size = MOST_ENTRIES;
    vector = NO_VECTOR;
    enabled = false;
    descriptors = 0;
    available = 0;
    used = 0;
  }

  /// Takes a size; one that is no power of two, or too large, leaves the queue as it is.
  void resize(int entries) {
    if (Integer.bitCount(entries) == 1 && entries <= MOST_ENTRIES) {
      size = entries;
    }
  }

  /// A half of an address replaced.
  static long withHalf(long address, boolean high, long value) {
    long half = value & 0xffff_ffffL;
    return high ? address & 0xffff_ffffL | half << 32 : address & ~0xffff_ffffL | half;
  }
}
