package dev.portcullis.unit.translate;

import dev.portcullis.pci.AtsEntry;
import dev.portcullis.spec.table.SecondStageEntry;
import dev.portcullis.unit.cache.Leaf;
import dev.portcullis.unit.cache.Translation;
import dev.portcullis.unit.request.Rights;

/// The bytes that answer translation requests, see [AtsEntry].
///
/// @vtd 4.2.3 Handling of ATS Translation Requests
final class Completions {
  private Completions() {}

  /// The page of `translation`, with the rights of `group`.
  static long of(long translation, int group, long flags, Walker walker) {
    long rights = Translation.rights(translation, group);
    long granted =
        ((rights & Rights.READ) != 0 ? AtsEntry.R : 0)
            | ((rights & Rights.WRITE) != 0 && !walker.readsOnly ? AtsEntry.W : 0);
    return granted == 0
        ? Refusals.privilege(walker.prefix)
        : AtsEntry.of(
            Translation.page(translation),
            pageLog2(translation),
            granted | flags | Refusals.privilege(walker.prefix));
  }

  /// Log2 of the size of the page of `translation`.
  static int pageLog2(long translation) {
    return SecondStageEntry.shift(Leaf.levelOf(Translation.leaf(translation)));
  }

  /// A page of the interrupt range, asked for without PASID: writes are for untranslated requests
  /// only, which are interrupts.
  static long ofInterruptRange(Walker walker) {
    return walker.readsOnly ? 0 : AtsEntry.of(walker.iova, 12, AtsEntry.W | AtsEntry.U);
  }
}
