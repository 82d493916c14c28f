package dev.portcullis.unit.policy;

/// How bit 62 of a second-stage entry is taken: once a hint (transient mapping), reserved since;
/// some software still sets it.
///
/// @vtd 9.8 Second-Stage Paging Entries
public enum Bit62 {
  RESERVED,
  IGNORED
}
