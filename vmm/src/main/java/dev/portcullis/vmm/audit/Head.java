package dev.portcullis.vmm.audit;

/// A record's place in the chain.
///
/// @param log identifier of the log
/// @param sequence the record's number, from 0 on; -1 before there is any
/// @param hash of the record, in hexadecimal
public record Head(String log, long sequence, String hash) {
  /// What the first record has for the one before it.
  static final String NO_HASH = "0".repeat(64);

  static Head before(String log) {
    return new Head(log, -1, NO_HASH);
  }
}
