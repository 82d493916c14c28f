package dev.portcullis.vmm.audit;

/// When the disk has what was logged.
public enum Durability {
  /// Before the next record: a power failure loses the one being written at most.
  EACH_RECORD,
  /// When no more events wait: a power failure may lose a burst. What the process alone survives is
  /// the same as with the others: all.
  EACH_BATCH,
  /// When the system sees fit.
  SYSTEM
}
