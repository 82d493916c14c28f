package dev.portcullis.unit.policy;

/// What a unit sees of tables that its walks do not snoop (ECAP.C, SMPWCS, PWSNP) when software has
/// written them and has not flushed them out of the processor's caches.
///
/// @vtd 3.9 Snoop Behavior
public enum TableReads {
  /// What was written last, as if it snooped everything.
  CURRENT,
  /// The line as it was when it was read first, until [dev.portcullis.unit.RemappingUnit#flushed]:
  /// for software in this process, which can say that it flushes. A guest's own flush reaches
  /// nobody.
  UNTIL_FLUSHED
}
