package dev.portcullis.differential;

import dev.portcullis.qtest.client.QtestException;
import java.util.SplittableRandom;

/// The second-stage tables of one domain: mostly good, some broken, and read by the book.
///
/// Addresses use few indices of each level, so that requests meet the same tables again and again.
///
/// @vtd 9.8 Second-Stage Paging Entries
final class SecondStage implements Tables {
  private static final long R = 1;
  private static final long W = 2;
  private static final long RW = R | W;
  private static final long PS = 1 << 7;
  private static final long ADDRESS = 0x000f_ffff_ffff_f000L;

  /// Bits 51:48, 62 and 11: a unit of 48 bits, without snoop control and execute-like rights.
  private static final long RESERVED = 0x400f_0000_0000_0800L;

  private static final long[] BROKEN_BITS = {1L << 48, 1L << 51, 1L << 62, 1L << 11};

  /// Pages that mappings lead to.
  static final long DATA = 0x0800_0000L;

  static final int DATA_PAGES = 64;

  private static final long INTERRUPTS = 0xfee0_0000L;

  /// The reasons of a mode.
  ///
  /// @param absent for an entry that grants nothing, where it is not that of the missing right
  record Reasons(
      int beyond,
      int firstUnreadable,
      int unreadable,
      int absent,
      int reserved,
      int noWrite,
      int noRead,
      int interrupts) {
    static final Reasons LEGACY = new Reasons(0x04, 0x03, 0x07, 0, 0x0c, 0x05, 0x06, 0x0e);
    static final Reasons SCALABLE = new Reasons(0x84, 0x7b, 0x78, 0x79, 0x7a, 0x85, 0x86, 0x87);

    int missing(Access access) {
      return access == Access.WRITE ? noWrite : noRead;
    }
  }

  private final Image image;
  private final SplittableRandom random;
  private final Reasons reasons;
  private final int levels;
  private final long[] changed = new long[4];
  private final long root;

  SecondStage(Image image, SplittableRandom random, Reasons reasons, int levels)
      throws QtestException {
    this.image = image;
    this.random = random;
    this.reasons = reasons;
    this.levels = levels;
    this.root = image.page();
  }

  @Override
  public long root() {
    return root;
  }

  /// Code of the address width: 1 for 39 bits, 2 for 48.
  @Override
  public int width() {
    return levels - 2;
  }

  /// An address that the tables may know.
  @Override
  public long randomAddress() {
    if (random.nextBoolean()) {
      return changed[random.nextInt(changed.length)] ^ random.nextInt(Image.PAGE_BYTES);
    }
    long address = random.nextInt(Image.PAGE_BYTES);
    for (int level = 1; level <= levels; level++) {
      int index = random.nextInt(level == 1 ? 8 : 2);
      address |= (long) index << shift(level);
    }
    return random.nextInt(40) == 0
        ? address | 1L << shift(levels + 1) + random.nextInt(3)
        : address;
  }

  private static int shift(int level) {
    return 12 + 9 * (level - 1);
  }

  private static long entryAt(long table, long address, int level) {
    return table + (address >>> shift(level) & 0x1ff) * 8;
  }

  /// Writes an entry on the way of `address`, at a random level, and what it takes to get there.
  ///
  /// @return the highest level of an entry that has changed; 0 if none has
  @Override
  public int change(long address) throws QtestException {
    changed[random.nextInt(changed.length)] = address;
    int wanted = random.nextInt(4) == 0 ? 1 + random.nextInt(levels) : 1;
    int highest = 0;
    long table = root;
    for (int level = levels; level > 0; level--) {
      if (!Image.isMemory(table)) {
        return highest;
      }
      long at = entryAt(table, address, level);
      if (level == wanted) {
        image.write(at, entry(level));
        return Math.max(highest, level);
      }
      long entry = image.read(at);
      if ((entry & RW) == 0 || (entry & RESERVED) != 0 || isLeaf(entry, level)) {
        highest = Math.max(highest, level);
        image.write(at, image.page() | RW);
        entry = image.read(at);
      }
      table = entry & ADDRESS;
    }
    throw new AssertionError("level 0");
  }

  /// Maps `address` to a data page with both rights.
  @Override
  public void map(long address) throws QtestException {
    long table = root;
    for (int level = levels; level > 1; level--) {
      long at = entryAt(table, address, level);
      long entry = image.read(at);
      if ((entry & RW) != RW
          || (entry & RESERVED) != 0
          || isLeaf(entry, level)
          || !Image.isMemory(entry & ADDRESS)) {
        entry = image.page() | RW;
        image.write(at, entry);
      }
      table = entry & ADDRESS;
    }
    image.write(entryAt(table, address, 1), dataPage() | RW);
  }

  @Override
  public boolean remap(long address) throws QtestException {
    long table = root;
    for (int level = levels; level > 1; level--) {
      long entry = image.read(entryAt(table, address, level));
      if ((entry & RW) != RW || isLeaf(entry, level)) {
        return false;
      }
      table = entry & ADDRESS;
    }
    image.write(entryAt(table, address, 1), dataPage() | RW);
    return true;
  }

  private long dataPage() {
    return DATA + (long) random.nextInt(DATA_PAGES) * Image.PAGE_BYTES;
  }

  private long entry(int level) throws QtestException {
    int kind = random.nextInt(20);
    long good = level == 1 ? dataPage() : level <= 3 && random.nextBoolean() ? large(level) : 0;
    long target = good != 0 ? good : image.page();
    return switch (kind) {
      case 0 -> 0;
      case 1, 12, 13 -> target | R;
      case 2, 14, 15 -> target | W;
      case 3 -> target | RW | broken();
      case 4 -> target | R | broken();
      case 5 -> Image.NOWHERE | RW;
      case 6 -> level == 1 ? INTERRUPTS + 0x3000 | RW : 0;
      case 7 -> target | RW | 1L << 63 | 1L << 10 | 0x7c | 1L << 52;
      case 9 -> target | R | 1L << 62;
      case 10, 11 -> level == 1 ? INTERRUPTS + 0x3000 | RW : Image.NOWHERE | RW;
      case 8 -> level == 2 || level == 3 ? target | RW | PS | 1L << 12 : target | RW;
      default -> target | RW;
    };
  }

  /// A reserved bit. Bit 11 comes last: in scalable mode QEMU takes it for SNP in an entry that
  /// maps a page, though its ECAP.SC says that there is none.
  private long broken() {
    int usable = BROKEN_BITS.length - (reasons == Reasons.SCALABLE ? 1 : 0);
    return BROKEN_BITS[random.nextInt(usable)];
  }

  /// A large page that has the data pages in it.
  private static long large(int level) {
    return (level == 3 ? 0 : DATA) | PS;
  }

  private static boolean isLeaf(long entry, int level) {
    return level == 1 || level <= 3 && (entry & PS) != 0;
  }

  /// What becomes of a request.
  @Override
  public Decision decide(long address, Access access) {
    if (address >>> shift(levels + 1) != 0) {
      return Decision.fault(reasons.beyond());
    }
    long right = access == Access.WRITE ? W : R;
    long rights = RW;
    long table = root;
    for (int level = levels; ; level--) {
      boolean missing = (rights & right) == 0;
      if (!Image.isMemory(table)) {
        int reason = level == levels ? reasons.firstUnreadable() : reasons.unreadable();
        return new Decision(reason, 0, missing);
      }
      long entry = image.read(entryAt(table, address, level));
      missing |= (entry & right) == 0;
      if ((entry & RW) == 0) {
        return Decision.fault(reasons.absent() == 0 ? reasons.missing(access) : reasons.absent());
      }
      if ((entry & reserved(entry, level)) != 0) {
        return new Decision(reasons.reserved(), 0, missing);
      }
      rights &= entry;
      if (rights == 0 && reasons.absent() != 0) {
        return Decision.fault(reasons.absent());
      }
      if (isLeaf(entry, level)) {
        return leaf(entry, level, address, (rights & right) != 0 ? 0 : reasons.missing(access));
      }
      table = entry & ADDRESS;
    }
  }

  /// Nothing is noted in second-stage tables.
  @Override
  public void use(long address, Access access) {}

  private Decision leaf(long entry, int level, long address, int missing) {
    if (missing != 0) {
      return Decision.fault(missing);
    }
    long inPage = (1L << shift(level)) - 1;
    long hpa = entry & ADDRESS & ~inPage | address & inPage;
    return hpa >>> 20 == INTERRUPTS >>> 20
        ? Decision.fault(reasons.interrupts())
        : Decision.to(hpa);
  }

  private static long reserved(long entry, int level) {
    if (level >= 4) {
      return RESERVED | PS;
    }
    boolean large = level > 1 && (entry & PS) != 0;
    return large ? RESERVED | (1L << shift(level)) - 1 & ADDRESS : RESERVED;
  }
}
