package dev.portcullis.vmm.partition;

/// Told of writes that a [Guard] has kept from happening. Those of devices behind the unit are not
/// among them: they are faults.
public interface DeniedWrite {

  /// Who tried.
  enum Writer {
    /// A processor of the partition.
    PROCESSOR,
    /// A device that the monitor plays for the partition.
    PLAYED_DEVICE
  }

  /// Called on the thread that tried, each time; must not wait.
  ///
  /// @param gpa where it would have begun to write in a guarded page
  void denied(long gpa, Writer by);
}
