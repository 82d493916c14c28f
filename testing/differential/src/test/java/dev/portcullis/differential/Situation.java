package dev.portcullis.differential;

/// What the scenario knows of the DMA it asks for: how the architecture decides it.
///
/// @param unit the mode of the unit
/// @param reason the fault reason the architecture has for it; 0 if none is recorded
/// @param rightMissing whether the walk has met an entry without the right that the DMA needs when
///   it meets the entry that decides, or in that entry
record Situation(Mode unit, int reason, boolean rightMissing) {
  /// Modes of the unit.
  enum Mode {
    LEGACY,
    SECOND_STAGE,
    FIRST_STAGE
  }

  static Situation of(Mode unit, int reason) {
    return new Situation(unit, reason, false);
  }
}
