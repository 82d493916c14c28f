package dev.portcullis.vmm.filter;

/// What became of a frame at a hook.
public enum Decision {
  /// It goes on.
  ACCEPT,
  /// A rule or a policy drops it.
  DROP,
  /// As [#DROP], and its sender is told: see [Inspection#answer].
  REJECT,
  /// It is dropped: there are no rules yet.
  NO_RULES,
  /// It is dropped: it opens a connection, and no more can be remembered.
  TOO_MANY_CONNECTIONS,
  /// It is dropped: judging it failed, which is our fault.
  FAILED
}
