package dev.portcullis.unit.memorytype;

import dev.portcullis.spec.table.PasidEntry;
import dev.portcullis.unit.cache.Leaf;
import dev.portcullis.unit.cache.Pasid;
import dev.portcullis.unit.cache.Pasid.Kind;
import dev.portcullis.unit.request.MemoryType;

/// How a page that a PASID's tables map is accessed.
///
/// @vtd 3.9 Snoop Behavior
/// @vtd 3.10 Memory Type
public final class PageAccess {
  private static final int PAT_BITS = 4;

  private PageAccess() {}

  /// The memory type of the page, for a device in the processor's coherency domain.
  ///
  /// @param leaf what the paging entries say, see [Leaf]
  /// @param range type of the memory, from the range registers
  public static MemoryType type(Pasid pasid, long leaf, MemoryType range) {
    long word = pasid.entry().w1();
    if (PasidEntry.CD.isSet(word)) {
      return MemoryType.UNCACHEABLE;
    }
    boolean extended = PasidEntry.EMTE.isSet(word);
    MemoryType second = MemoryType.of(Leaf.memoryType(leaf));
    return switch (pasid.kind) {
      case FIRST_STAGE -> range.with(attribute(word, leaf));
      case SECOND_STAGE -> extended ? second : MemoryType.WRITE_BACK;
      case NESTED -> {
        if (!extended) {
          yield range.with(attribute(word, leaf));
        }
        yield Leaf.ignoresPat(leaf) ? second : second.with(attribute(word, leaf));
      }
      case PASS_THROUGH, REFUSED -> MemoryType.WRITE_BACK;
    };
  }

  private static MemoryType attribute(long word, long leaf) {
    int index = Leaf.pageAttributeIndex(leaf);
    return MemoryType.of(PasidEntry.PAT.of(word) >>> PAT_BITS * index & 7);
  }

  /// Whether accesses to the page are snooped even if the device says they need not be.
  ///
  /// @param leaf what the paging entries say, see [Leaf]
  public static boolean isSnooped(Pasid pasid, long leaf) {
    boolean second = pasid.kind == Kind.SECOND_STAGE || pasid.kind == Kind.NESTED;
    return pasid.snoopsPages() || second && Leaf.isSnooped(leaf);
  }
}
