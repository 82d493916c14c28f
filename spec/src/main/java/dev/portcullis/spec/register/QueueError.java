package dev.portcullis.spec.register;

/// Why the invalidation queue stopped: the values of IQERCD.IQEI.
///
/// @vtd 11.4.9.9 Invalidation Queue Error Record Register
public enum QueueError {
  /// The tail lies beyond the queue.
  TAIL_BEYOND_QUEUE(1),
  /// The descriptor could not be read.
  FETCH_FAILED(2),
  /// No such type of descriptor, or not in this mode, or not without a feature.
  INVALID_TYPE(3),
  /// A reserved field is set in a descriptor of a valid type.
  RESERVED_FIELD(4),
  /// Descriptors are of the wrong width for the mode.
  INVALID_WIDTH(5),
  /// The tail is not a multiple of the width of a descriptor.
  MISALIGNED_TAIL(6),
  /// The root table address register holds a mode that does not exist.
  INVALID_TABLE_MODE(7);

  private final int code;

  QueueError(int code) {
    this.code = code;
  }

  /// Value of IQEI.
  public int code() {
    return code;
  }
}
