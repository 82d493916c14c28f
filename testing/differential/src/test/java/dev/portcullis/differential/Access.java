package dev.portcullis.differential;

/// What a DMA does.
enum Access {
  READ,
  WRITE
}
