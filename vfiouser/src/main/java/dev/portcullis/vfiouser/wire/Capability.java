package dev.portcullis.vfiouser.wire;

/// What the two sides agree on at the start. A capability that is not named has its default.
///
/// @vfiouser 1 VFIO_USER_VERSION
public enum Capability {
  /// Descriptors the sender takes in one message.
  MAX_MSG_FDS("max_msg_fds", 1),
  /// Bytes of data the sender takes in one message.
  MAX_DATA_XFER_SIZE("max_data_xfer_size", 1 << 20),
  /// DMA ranges there may be at a time.
  MAX_DMA_MAPS("max_dma_maps", 65535),
  /// Page sizes of DMA ranges, or'ed together.
  PGSIZES("pgsizes", 4096),
  /// Whether [WriteMulti] is understood: 1 or 0, `true` or `false` on the wire.
  WRITE_MULTIPLE("write_multiple", 0);

  private final String wireName;
  private final long fallback;

  Capability(String wireName, long fallback) {
    this.wireName = wireName;
    this.fallback = fallback;
  }

  String wireName() {
    return wireName;
  }

  /// What holds if nobody says anything.
  public long fallback() {
    return fallback;
  }

  boolean isBoolean() {
    return this == WRITE_MULTIPLE;
  }
}
