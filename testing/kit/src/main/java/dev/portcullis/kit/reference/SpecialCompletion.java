package dev.portcullis.kit.reference;

import dev.portcullis.pci.AtsEntry;

/// What a translation request without PASID for the interrupt range gets: special cases S.1 and
/// S.2.
///
/// @vtd 4.2.3 Handling of ATS Translation Requests
final class SpecialCompletion {
  private SpecialCompletion() {}

  static Page of(Walk walk) {
    boolean readOnly = walk.ask.noWrite() && walk.facts.noWriteFlag();
    return new Page(0, readOnly ? 0 : AtsEntry.W | AtsEntry.U, 0, false, true, false);
  }
}
