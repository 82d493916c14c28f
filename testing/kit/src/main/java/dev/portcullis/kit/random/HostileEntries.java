package dev.portcullis.kit.random;

import dev.portcullis.kit.memory.GuestMemory;
import dev.portcullis.kit.register.Facts;
import dev.portcullis.kit.table.Paging;
import dev.portcullis.kit.table.Pasid;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// What stands in hostile tables: mostly sense, sometimes broken in every way there is.
final class HostileEntries {
  /// Domain-ids, each with tables of its own.
  private static final int SECOND_STAGES = 2;

  private static final int FIRST_STAGE_DOMAIN = 3;
  private static final int PASS_THROUGH_DOMAIN = 4;
  private static final int HOLE_DOMAIN = 5;
  private static final int BROKEN_DOMAIN = 6;
  private static final int GUEST_ADDRESS_LEVELS = 3;

  private final Facts facts;
  private final SplittableRandom random;
  private final HostileScalableTables tables;
  private final int hostility;
  private final int[] levels = new int[SECOND_STAGES + 1];
  private final boolean[] accessedDirty = new boolean[SECOND_STAGES + 1];
  private final long[] guestRoots = new long[SECOND_STAGES * HostileScalableTables.OWN_ENTRIES];
  private final long[] guestPages = new long[12];
  private final int firstStageLevels;
  private final boolean extendedAccessed;
  private final boolean snooped;

  HostileEntries(Facts facts, HostileScalableTables tables, SplittableRandom random) {
    this.facts = facts;
    this.random = random;
    this.tables = tables;
    this.hostility = new int[] {15, 40, 150, 600}[random.nextInt(4)];
    for (int did = 1; did <= SECOND_STAGES; did++) {
      do {
        levels[did] = random.nextInt(3, 6);
      } while (!facts.hasLevels(levels[did]) && !one(12));
      accessedDirty[did] = facts.secondStageAccessedDirty() && random.nextBoolean();
    }
    for (int i = 0; i < guestPages.length; i++) {
      guestPages[i] = HostileScalableTables.address(random, GUEST_ADDRESS_LEVELS) & -4096L;
    }
    for (int i = 0; i < guestRoots.length; i++) {
      guestRoots[i] = guestPages[random.nextInt(guestPages.length)];
    }
    firstStageLevels = facts.firstStageFiveLevels() && random.nextBoolean() ? 5 : 4;
    extendedAccessed = facts.extendedAccessedFlag() && random.nextBoolean();
    snooped = facts.coherentWalks() && !one(4);
  }

  private boolean one(int in) {
    return random.nextInt(in) == 0;
  }

  private boolean broken() {
    return one(hostility);
  }

  private long any(long[] pages) {
    return pages[random.nextInt(pages.length)];
  }

  /// Every domain-id that occurs.
  static List<Integer> domainIds() {
    return List.of(1, 2, FIRST_STAGE_DOMAIN, PASS_THROUGH_DOMAIN, HOLE_DOMAIN, BROKEN_DOMAIN);
  }

  /// Something new for a slot.
  List<Long> words(Slot slot) {
    return switch (slot.kind()) {
      case ROOT -> List.of(root());
      case CONTEXT -> context();
      case DIRECTORY -> List.of(directory());
      case PASID -> pasid(slot.level());
      case SECOND_STAGE -> List.of(secondStageEntry(slot.level()));
      case FIRST_STAGE -> List.of(firstStageEntry(any(tables.firstStage)));
      case GUEST -> List.of(firstStageEntry(any(guestPages)));
      case PERMISSION -> permission(slot.level());
    };
  }

  private long root() {
    long entry = any(tables.contexts) | 1;
    if (broken()) {
      entry =
          switch (random.nextInt(4)) {
            case 0 -> 0;
            case 1 -> GuestMemory.HOLE | 1;
            default -> entry | 1L << random.nextInt(1, 64);
          };
    }
    return entry;
  }

  private List<Long> context() {
    long low = any(tables.directories) | 1 | (long) random.nextInt(8) << 9;
    low |=
        (facts.deviceTlbs() && !one(12) ? 1 << 2 : 0) | (facts.pasids() && !one(12) ? 1 << 3 : 0);
    if ((low & 1 << 2) != 0) {
      low |= facts.pageRequests() && !one(6) ? 1 << 4 : 0;
      low |= facts.hostPermissionTables() && !one(3) ? 1 << 5 : 0;
    }
    if ((low & 1 << 3) != 0) {
      low |= facts.translatedPasids() && !one(6) ? 1 << 6 : 0;
    }
    if (one(8)) {
      low |= 2;
    }
    long high = facts.requesterPasid() ? random.nextInt(HostileScalableTables.OWN_ENTRIES) : 0;
    high |= facts.requesterPrivilege() && one(3) ? 1 << 20 : 0;
    List<Long> words = new ArrayList<>(List.of(low, high, 0L, 0L));
    if (broken()) {
      if (one(4)) {
        words.set(0, low & 2);
      } else if (one(3)) {
        words.set(0, low & 0xfff | GuestMemory.HOLE);
      } else {
        flip(words, one(2) ? random.nextInt(2, 12) : random.nextInt(80, 256));
      }
    }
    return words;
  }

  private static void flip(List<Long> words, int bit) {
    words.set(bit / 64, words.get(bit / 64) ^ 1L << bit % 64);
  }

  private long directory() {
    long entry = any(tables.pasidTables) | 1;
    if (one(20)) {
      entry |= 2;
    }
    if (broken()) {
      entry =
          switch (random.nextInt(4)) {
            case 0 -> entry & 2;
            case 1 -> GuestMemory.HOLE | entry & 3;
            default -> entry | 1L << random.nextInt(2, 64);
          };
    }
    return entry;
  }

  private List<Long> pasid(int index) {
    Pasid entry = typed(index);
    if (facts.coherentWalks() ? snooped || one(4) : one(6)) {
      entry.with(Pasid.PWSNP);
    }
    if (facts.snoopControl() && one(3)) {
      entry.with(Pasid.PGSNP);
    }
    if (facts.supervisorRequests() && !one(4)) {
      entry.with(Pasid.SRE);
    }
    if (facts.firstStage() && one(2)) {
      entry.with(Pasid.WPE);
    }
    if (facts.extendedAccessedFlag() && extendedAccessed) {
      entry.with(Pasid.EAFE);
    }
    if (facts.hostPermissionTables()) {
      entry.permissions(1, tables.permissions[4][0], 3);
      if (one(15)) {
        entry.permissions(2, GuestMemory.HOLE, 0);
      }
    }
    if (one(12)) {
      entry.with(Pasid.FPD);
    }
    if (broken()) {
      entry.without(Pasid.P);
    }
    if (broken()) {
      entry.with(oddBit());
    }
    List<Long> words = new ArrayList<>();
    for (long word : entry.words()) {
      words.add(word);
    }
    return words;
  }

  private Pasid typed(int index) {
    if (broken()) {
      return Pasid.of(random.nextInt(8), BROKEN_DOMAIN)
          .over(GuestMemory.HOLE, one(2) ? random.nextInt(2, 10) : facts.mostLevels())
          .field(131, 130, random.nextInt(4))
          .field(191, 140, GuestMemory.HOLE >>> 12);
    }
    if (broken()) {
      return facts.secondStage()
          ? Pasid.secondStage(HOLE_DOMAIN, GuestMemory.HOLE, facts.mostLevels())
          : Pasid.passThrough(HOLE_DOMAIN);
    }
    int kind = random.nextInt(10);
    if (kind < 6 && facts.secondStage()) {
      return overSecondStage(1 + random.nextInt(SECOND_STAGES), index);
    }
    if (kind == 9 && facts.passThrough() || !facts.firstStage()) {
      return Pasid.passThrough(PASS_THROUGH_DOMAIN);
    }
    return Pasid.firstStage(FIRST_STAGE_DOMAIN, tables.firstStage[index], firstStageLevels);
  }

  private Pasid overSecondStage(int did, int index) {
    long root = levels[did] > 2 && levels[did] < 6 ? tables.secondStage[levels[did]][did - 1] : 0;
    boolean nested = facts.nested() && (index == 1) == (did == 1);
    int slot = (did - 1) * HostileScalableTables.OWN_ENTRIES + index;
    Pasid entry =
        nested
            ? Pasid.nested(did, guestRoots[slot], firstStageLevels).over(root, levels[did])
            : Pasid.secondStage(did, root, levels[did]);
    return accessedDirty[did] ? entry.with(Pasid.SSADE) : entry;
  }

  /// A bit that is reserved, ignored, or says something that does not make tables others.
  private int oddBit() {
    return switch (random.nextInt(9)) {
      case 0 -> random.nextInt(10, 12);
      case 1 -> 5;
      case 2 -> 64 + random.nextInt(Math.min(16, facts.domainIdBits()), 32);
      case 3 -> 128 + 5 + random.nextInt(2);
      case 4 -> 128 + 8 + random.nextInt(4);
      case 5 -> 128 + 1;
      case 6 -> (one(2) ? 0 : 128) + random.nextInt(facts.hostAddressBits(), 64);
      case 7 -> 256 + random.nextInt(3, 12);
      default -> one(2) ? random.nextInt(192, 256) : random.nextInt(336, 512);
    };
  }

  private long secondStageEntry(int level) {
    if (one(30)) {
      return random.nextLong() & random.nextLong() & ~(Paging.RW | 3L << 61);
    }
    long target = level == 1 ? secondStageLeaf() : any(tables.secondStage[level - 1]);
    long entry = strayed(target, tables.secondStage[random.nextInt(1, 6)]) | secondStageRights();
    if (level < 4 && one(8)) {
      entry = largeAddress(level) | entry & 0xfff | Paging.PS | entry & 3L << 61;
    }
    if (facts.snoopControl() && level == 1 && one(4)) {
      entry |= Paging.SNP;
    }
    if (one(3)) {
      // Ignored, or flags.
      entry |= random.nextLong() & random.nextLong() & (0x77cL | 0x1ffL << 52 | 1L << 63);
    }
    return broken() ? entry | 1L << random.nextInt(2, 63) : entry;
  }

  private long secondStageLeaf() {
    return switch (random.nextInt(8)) {
      case 0 -> GuestMemory.HIGH_BASE;
      case 1 -> any(tables.firstStage);
      default -> any(tables.guest);
    };
  }

  /// Rights in both pairs of bits.
  private long secondStageRights() {
    long rights =
        switch (random.nextInt(24)) {
          case 0 -> 1;
          case 1 -> 2;
          default -> 3;
        };
    return facts.secondStageIoRights() || one(20) ? rights | rights << 61 : rights;
  }

  private long largeAddress(int level) {
    return switch (random.nextInt(4)) {
      case 0 -> level == 3 ? 0xc000_0000L : 0xfee0_0000L;
      case 1 -> 0;
      default -> (long) random.nextInt(1, 8) << Paging.shift(Math.max(level, 2));
    };
  }

  private long strayed(long address, long[] others) {
    if (!broken()) {
      return address;
    }
    return switch (random.nextInt(5)) {
      case 0 -> GuestMemory.HOLE;
      case 1 -> 1L << random.nextInt(30, 52);
      case 2 -> 0xfee0_0000L;
      case 3 -> 0xc000_0000L;
      default -> any(others);
    };
  }

  private long firstStageEntry(long target) {
    if (one(30)) {
      return random.nextLong() & random.nextLong() & ~1L;
    }
    long entry = strayed(target, tables.firstStage) | 1;
    entry |= (one(12) ? 0 : 2) | (one(16) ? 0 : 4);
    if (one(12)) {
      entry |= Paging.PS;
      entry = one(3) ? entry : entry & 0xfff | (long) random.nextInt(2) << random.nextInt(21, 32);
    }
    if (one(3)) {
      // Ignored, or flags.
      entry |= random.nextLong() & (0xf78L | 0xfffL << 52);
    }
    return broken() ? entry | 1L << random.nextInt(3, 64) : entry;
  }

  private List<Long> permission(int level) {
    long low = level == 4 || one(2) ? 0 : random.nextLong() & 0x3333_3333_3333_3333L;
    long high = low;
    if (level == 3) {
      low = facts.hostPermissionGibiPages() ? low & 0xffff_ffffL : 0;
    }
    if (level > 1) {
      low &= random.nextLong() & random.nextLong();
      high = any(tables.permissions[level - 1]) | (one(12) ? 0 : 1);
      high = broken() ? GuestMemory.HOLE | 1 : high;
    }
    List<Long> words = new ArrayList<>(List.of(low, high));
    if (broken()) {
      flip(words, random.nextInt(128));
    }
    return words;
  }

  /// A first stage, or a second, that tables may be seen through.
  ///
  /// @param did domain-id
  /// @param index of the PASID table entry
  /// @param entry that entry
  record Space(int did, int index, long[] entry) {}

  /// Every one there is.
  List<Space> spaces() {
    List<Space> spaces = new ArrayList<>();
    for (int index = 0; index < HostileScalableTables.OWN_ENTRIES; index++) {
      if (facts.secondStage()) {
        for (int did = 1; did <= SECOND_STAGES; did++) {
          spaces.add(new Space(did, index, visible(overSecondStage(did, index))));
        }
      }
      if (facts.firstStage()) {
        Pasid first =
            Pasid.firstStage(FIRST_STAGE_DOMAIN, tables.firstStage[index], firstStageLevels);
        spaces.add(new Space(FIRST_STAGE_DOMAIN, index, visible(first)));
      }
    }
    return spaces;
  }

  private long[] visible(Pasid entry) {
    return (facts.coherentWalks() ? entry.with(Pasid.PWSNP) : entry).with(Pasid.SRE).words();
  }
}
