package dev.portcullis.devices.dma;

/// How a descriptor ended; the ordinal is what its completion record holds.
enum Status {
  /// Not yet: never written.
  NONE,
  SUCCESS,
  /// The descriptor says something it cannot say.
  BAD_DESCRIPTOR,
  /// Nobody took a request: the remapping unit blocked it, or there is no memory.
  REFUSED,
  /// Whoever took a request broke down.
  ABORTED,
  /// A page is missing, and no page may be asked for.
  PAGE_MISSING,
  /// Software says that a page is not to be had.
  PAGE_INVALID,
  /// Software gave no page, or broke down, or forbade asking.
  PAGE_UNAVAILABLE,
  /// Software said again and again that a page was there, and it was not.
  TOO_MANY_RETRIES,
  /// The channel was stopped.
  STOPPED;

  boolean isSuccess() {
    return this == SUCCESS;
  }
}
