package dev.portcullis.devices.nvme;

/// How a command ended: status code type and status code.
///
/// @nvme 4.6.1 Status Field Definition
enum Status {
  SUCCESS(0, 0x00, Retry.SENSIBLE),
  INVALID_OPCODE(0, 0x01, Retry.POINTLESS),
  INVALID_FIELD(0, 0x02, Retry.POINTLESS),
  COMMAND_ID_CONFLICT(0, 0x03, Retry.POINTLESS),
  DATA_TRANSFER_ERROR(0, 0x04, Retry.POINTLESS),
  ABORT_REQUESTED(0, 0x07, Retry.SENSIBLE),
  ABORTED_QUEUE_DELETED(0, 0x08, Retry.SENSIBLE),
  INVALID_NAMESPACE(0, 0x0b, Retry.POINTLESS),
  COMMAND_SEQUENCE_ERROR(0, 0x0c, Retry.POINTLESS),
  PRP_OFFSET_INVALID(0, 0x13, Retry.POINTLESS),
  WRITE_PROTECTED(0, 0x20, Retry.POINTLESS),
  LBA_OUT_OF_RANGE(0, 0x80, Retry.POINTLESS),
  COMPLETION_QUEUE_INVALID(1, 0x00, Retry.POINTLESS),
  INVALID_QUEUE_IDENTIFIER(1, 0x01, Retry.POINTLESS),
  INVALID_QUEUE_SIZE(1, 0x02, Retry.POINTLESS),
  EVENT_REQUEST_LIMIT_EXCEEDED(1, 0x05, Retry.POINTLESS),
  INVALID_INTERRUPT_VECTOR(1, 0x08, Retry.POINTLESS),
  INVALID_LOG_PAGE(1, 0x09, Retry.POINTLESS),
  INVALID_QUEUE_DELETION(1, 0x0c, Retry.POINTLESS),
  FEATURE_NOT_SAVEABLE(1, 0x0d, Retry.POINTLESS),
  FEATURE_NOT_NAMESPACE_SPECIFIC(1, 0x0f, Retry.POINTLESS),
  WRITE_FAULT(2, 0x80, Retry.SENSIBLE),
  UNRECOVERED_READ_ERROR(2, 0x81, Retry.SENSIBLE),
  COMPARE_FAILURE(2, 0x85, Retry.POINTLESS);

  /// Whether the same command may fare better next time.
  private enum Retry {
    SENSIBLE,
    POINTLESS
  }

  private static final int MORE = 1 << 13;
  private static final int DO_NOT_RETRY = 1 << 14;

  private final int field;

  Status(int type, int code, Retry retry) {
    int fixed = type << 8 | code;
    field = retry == Retry.POINTLESS ? fixed | DO_NOT_RETRY : fixed;
  }

  boolean isSuccess() {
    return this == SUCCESS;
  }

  boolean isMediaError() {
    return this == WRITE_FAULT || this == UNRECOVERED_READ_ERROR;
  }

  /// The 15-bit status field: code in [7:0], type in [10:8], More in 13, Do Not Retry in 14. Every
  /// failure has an entry in the error log, hence More.
  int field() {
    return isSuccess() ? field : field | MORE;
  }
}
