package dev.portcullis.management.enforcement;

/// How much of the network a partition has, the widest first.
public enum AccessLevel {
  /// What the platform's own rules let pass.
  UNRESTRICTED,
  /// What the platform's own rules and a decision's rules let pass, both.
  CONDITIONAL,
  /// Remediation only: everything else is refused.
  REMEDIATION,
  /// Nothing.
  NONE
}
