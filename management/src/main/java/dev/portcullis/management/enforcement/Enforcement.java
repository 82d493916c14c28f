package dev.portcullis.management.enforcement;

import dev.portcullis.management.state.StateException;

/// Has demands come true.
public interface Enforcement {

  /// Who demands.
  enum Demander {
    /// Verified boot.
    BOOT,
    /// Endpoint access control.
    ACCESS,
    /// Outbreak containment.
    CONTAINMENT
  }

  /// Replaces what `who` demanded for a partition before. When this returns, the strictest of all
  /// demands for the partition is in force, and flows that it does not allow are cut.
  ///
  /// @throws StateException if it cannot be kept: then nothing passes
  void demand(Demander who, String partition, NetworkAccess access) throws StateException;

  /// Puts in force what was demanded last for a partition that has come to the platform. Where
  /// somebody decides, and has not yet, it has no access.
  void begin(String partition);

  /// What is in force for a partition.
  NetworkAccess inForce(String partition);
}
