package dev.portcullis.differential;

import dev.portcullis.qtest.client.QtestException;
import java.util.SplittableRandom;

/// First-stage tables of four levels, for requests of users.
///
/// @vtd 9.7 First-Stage Paging Entries
final class FirstStage implements Tables {
  private static final int LEVELS = 4;
  private static final long P = 1;
  private static final long RW = 2;
  private static final long US = 4;
  private static final long ALL = P | RW | US;
  private static final long A = 1 << 5;
  private static final long D = 1 << 6;
  private static final long PS = 1 << 7;
  private static final long ADDRESS = 0x000f_ffff_ffff_f000L;

  /// Bits 51:48: a unit of 48 bits.
  private static final long RESERVED = 0x000f_0000_0000_0000L;

  private static final long IGNORED = 1L << 63 | 1L << 52 | 1 << 11 | 1 << 9;

  private final Image image;
  private final SplittableRandom random;
  private final long[] changed = new long[4];
  private final long root;

  FirstStage(Image image, SplittableRandom random) throws QtestException {
    this.image = image;
    this.random = random;
    this.root = image.page();
  }

  @Override
  public long root() {
    return root;
  }

  @Override
  public int width() {
    return LEVELS - 2;
  }

  @Override
  public long randomAddress() {
    if (random.nextBoolean()) {
      return changed[random.nextInt(changed.length)] ^ random.nextInt(Image.PAGE_BYTES);
    }
    long address = random.nextInt(Image.PAGE_BYTES);
    for (int level = 1; level <= LEVELS; level++) {
      int index = random.nextInt(level == 1 ? 8 : 2);
      address |= (long) (level == LEVELS ? index * 0x1ff : index) << shift(level);
    }
    long canonical = address << 16 >> 16;
    return random.nextInt(40) == 0 ? canonical ^ 1L << 48 + random.nextInt(16) : canonical;
  }

  private static int shift(int level) {
    return 12 + 9 * (level - 1);
  }

  private static long entryAt(long table, long address, int level) {
    return table + (address >>> shift(level) & 0x1ff) * 8;
  }

  private static boolean isLeaf(long entry, int level) {
    return level == 1 || level <= 3 && (entry & PS) != 0;
  }

  private static boolean leadsOn(long entry, int level) {
    boolean whole = (entry & P) != 0 && (entry & RESERVED) == 0 && !isLeaf(entry, level);
    return whole && (level < LEVELS || (entry & PS) == 0) && Image.isMemory(entry & ADDRESS);
  }

  @Override
  public int change(long address) throws QtestException {
    changed[random.nextInt(changed.length)] = address;
    int wanted = random.nextInt(4) == 0 ? 1 + random.nextInt(LEVELS) : 1;
    long entry = entry(wanted);
    int highest = Math.max(wanted, way(address, wanted));
    image.write(entryAt(tableOf(address, wanted), address, wanted), entry);
    return highest;
  }

  @Override
  public void map(long address) throws QtestException {
    way(address, 1);
    image.write(entryAt(tableOf(address, 1), address, 1), dataPage() | ALL);
  }

  @Override
  public boolean remap(long address) throws QtestException {
    long table = root;
    for (int level = LEVELS; level > 1; level--) {
      long entry = image.read(entryAt(table, address, level));
      if ((entry & ALL) != ALL || isLeaf(entry, level)) {
        return false;
      }
      table = entry & ADDRESS;
    }
    image.write(entryAt(table, address, 1), dataPage() | ALL);
    return true;
  }

  /// Makes sure that there is a table of level `down` for `address`.
  ///
  /// @return the highest level of an entry that has changed; 0 if none has
  private int way(long address, int down) throws QtestException {
    int highest = 0;
    long table = root;
    for (int level = LEVELS; level > down; level--) {
      long at = entryAt(table, address, level);
      if (!leadsOn(image.read(at), level)) {
        image.write(at, image.page() | ALL);
        highest = Math.max(highest, level);
      }
      table = image.read(at) & ADDRESS;
    }
    return highest;
  }

  private long tableOf(long address, int down) {
    long table = root;
    for (int level = LEVELS; level > down; level--) {
      table = image.read(entryAt(table, address, level)) & ADDRESS;
    }
    return table;
  }

  private long dataPage() {
    return SecondStage.DATA + (long) random.nextInt(SecondStage.DATA_PAGES) * Image.PAGE_BYTES;
  }

  private long entry(int level) throws QtestException {
    long target = target(level);
    return switch (random.nextInt(20)) {
      case 0 -> 0;
      case 1 -> target | RW | US;
      case 2, 3, 16 -> target | P | US;
      case 4, 17 -> target | P | RW;
      case 5 -> target | P;
      case 6 -> target | ALL | 1L << 48 + random.nextInt(4);
      case 7 -> target | P | US | 1L << 48 + random.nextInt(4);
      case 8 -> target | P | RW | 1L << 48 + random.nextInt(4);
      case 9, 10 -> Image.NOWHERE | ALL;
      case 11 -> level == 1 ? 0xfee0_3000L | ALL : target | ALL;
      case 12 -> target | ALL | IGNORED;
      case 13 -> target | ALL | A;
      case 14 -> level == 1 ? target | ALL | A | D : target | ALL | A;
      case 15 -> level == LEVELS || level == 1 ? target | ALL : target | ALL | PS | 1L << 13;
      default -> target | ALL;
    };
  }

  private long target(int level) throws QtestException {
    if (level == 1) {
      return dataPage();
    }
    boolean large = level < LEVELS && random.nextBoolean();
    return large ? (level == 3 ? 0 : SecondStage.DATA) | PS : image.page();
  }

  @Override
  public Decision decide(long address, Access access) {
    if (address << 16 >> 16 != address) {
      return Decision.fault(0x80);
    }
    long rights = RW | US;
    long table = root;
    for (int level = LEVELS; ; level--) {
      if (!Image.isMemory(table)) {
        return new Decision(level == LEVELS ? 0x73 : 0x70, 0, isMissing(rights, access));
      }
      long entry = image.read(entryAt(table, address, level));
      if ((entry & P) == 0) {
        return new Decision(0x71, 0, isMissing(rights, access));
      }
      rights &= entry;
      if ((entry & reserved(entry, level)) != 0) {
        return new Decision(0x72, 0, isMissing(rights, access));
      }
      if (isLeaf(entry, level)) {
        return leaf(entry, level, address, rights, access);
      }
      table = entry & ADDRESS;
    }
  }

  @Override
  public void use(long address, Access access) {
    boolean passes = decide(address, access).reason() == 0;
    long table = root;
    for (int level = LEVELS; level > 0 && Image.isMemory(table); level--) {
      long at = entryAt(table, address, level);
      long entry = image.read(at);
      if (!passes) {
        image.meet(at, A);
      } else {
        image.pass(at, A);
      }
      if (isLeaf(entry, level)) {
        if (passes && access == Access.WRITE) {
          image.dirty(at, D);
        }
        return;
      }
      table = (entry & P) == 0 ? -1 : entry & ADDRESS;
    }
  }

  private static boolean isMissing(long rights, Access access) {
    return (rights & US) == 0 || access == Access.WRITE && (rights & RW) == 0;
  }

  private static Decision leaf(long entry, int level, long address, long rights, Access access) {
    if ((rights & US) == 0) {
      return new Decision(0x81, 0, true);
    }
    if (isMissing(rights, access)) {
      return new Decision(0x85, 0, true);
    }
    long inPage = (1L << shift(level)) - 1;
    long hpa = entry & ADDRESS & ~inPage | address & inPage;
    return hpa >>> 20 == 0xfee ? Decision.fault(0x87) : Decision.to(hpa);
  }

  private static long reserved(long entry, int level) {
    if (level == LEVELS) {
      return RESERVED | PS;
    }
    boolean large = level > 1 && (entry & PS) != 0;
    return large ? RESERVED | (1L << shift(level)) - 1 & ADDRESS & -8192 : RESERVED;
  }
}
