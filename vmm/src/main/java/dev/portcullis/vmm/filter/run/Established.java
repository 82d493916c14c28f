package dev.portcullis.vmm.filter.run;

/// What becomes of connections when other rules come into force.
public enum Established {
  /// They go on, as far as the new rules let them.
  KEEP,
  /// They are forgotten: what they send is invalid from then on.
  CUT
}
