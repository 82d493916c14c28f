package dev.portcullis.devices.nvme;

/// Whether software has told the right sizes of I/O queue entries; it may do so until it makes the
/// first such queue.
@FunctionalInterface
interface IoEntrySizes {
  /// The controller configuration register as it is now.
  int configuration();

  default boolean submissionFits() {
    return Registers.submissionEntryLog2(configuration()) == Registers.SUBMISSION_ENTRY_LOG2;
  }

  default boolean completionFits() {
    return Registers.completionEntryLog2(configuration()) == Registers.COMPLETION_ENTRY_LOG2;
  }
}
