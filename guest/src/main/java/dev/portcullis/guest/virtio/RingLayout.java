package dev.portcullis.guest.virtio;

/// Where the parts of a split virtqueue lie, one behind the other.
///
/// ```
///  descriptors  16 bytes an entry: address, length, flags, next
///  available     2 flags, 2 index, 2 an entry, 2 used_event
///  used          2 flags, 2 index, 8 an entry, 2 avail_event     (aligned to 4)
/// ```
///
/// @param base guest physical address, a multiple of 16
/// @param entries a power of two
/// @virtio 2.7 Split Virtqueues
record RingLayout(long base, int entries) {

  long descriptors() {
    return base;
  }

  long available() {
    return base + 16L * entries;
  }

  long used() {
    return available() + 6 + 2L * entries + 3 & -4L;
  }

  /// Where the driver names the index of the used ring that it wants to be told of.
  long usedEvent() {
    return available() + 4 + 2L * entries;
  }

  /// Where the device names the index of the available ring that it wants to be told of.
  long availableEvent() {
    return used() + 4 + 8L * entries;
  }

  /// Length of it all.
  long bytes() {
    return used() + 6 + 8L * entries - base;
  }
}
