package dev.portcullis.devices.dma;

/// Why a channel halted; the ordinal is what its status register holds.
enum ChannelError {
  NONE,
  /// A descriptor could not be read.
  DESCRIPTOR_UNREADABLE,
  /// A completion record could not be written.
  RECORD_UNWRITABLE,
  /// It was to use a PASID, and software has not enabled them for the function; or to be
  /// privileged, and that is not enabled.
  PASID_NOT_ENABLED
}
