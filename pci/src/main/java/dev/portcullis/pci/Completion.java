package dev.portcullis.pci;

/// How a request ended, as its requester sees it.
///
/// @pcie 2.2.9 Completion Rules
public enum Completion {
  SUCCESS,
  /// Nobody takes the request, or the remapping unit blocked it. Data read is undefined; data
  /// written is dropped.
  UNSUPPORTED_REQUEST,
  /// Whoever took the request could not carry it out: the remapping unit met a broken table, or
  /// memory failed.
  COMPLETER_ABORT;

  public boolean isSuccess() {
    return this == SUCCESS;
  }
}
