package dev.portcullis.unit.policy;

/// Whether one requester may fill the fault log.
///
/// @vtd 7.2.1 Primary Fault Logging
public enum FaultCollapse {
  /// Each fault gets a record.
  NONE,
  /// A fault is dropped while the log holds an unread one of the same requester.
  PER_REQUESTER
}
