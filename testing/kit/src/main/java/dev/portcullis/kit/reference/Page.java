package dev.portcullis.kit.reference;

import dev.portcullis.kit.table.Paging;

/// Where a walk ended, or why it did not.
///
/// @param reason fault reason, or 0
/// @param hpa where the address leads
/// @param level 1 to 3: of the entry that maps it; 0 if there is no such entry
/// @param read whether reading is allowed
/// @param write whether writing is allowed
/// @param snoop whether accesses must be snooped
record Page(int reason, long hpa, int level, boolean read, boolean write, boolean snoop) {

  static Page fault(int reason) {
    return new Page(reason, 0, 1, false, false, false);
  }

  boolean isFault() {
    return reason != 0;
  }

  /// Whether any byte of the page is where interrupts go.
  boolean overlapsInterruptRange() {
    long span = Paging.span(level);
    long first = hpa & -span;
    return first <= 0xfeef_ffffL && first + span > 0xfee0_0000L;
  }
}
