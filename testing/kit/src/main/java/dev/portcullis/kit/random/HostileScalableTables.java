package dev.portcullis.kit.random;

import dev.portcullis.kit.TestMachine;
import dev.portcullis.kit.memory.GuestMemory;
import dev.portcullis.kit.table.Paging;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// The places of hostile tables of scalable mode, and what connects them: random content comes from
/// [HostileEntries].
///
/// One rule of software is kept, since breaking it makes answers ambiguous: a domain-id stands for
/// one second stage, and with a PASID for one first stage.
///
/// @vtd 3.4.3 Scalable Mode Address Translation
public final class HostileScalableTables {
  static final int[] INDICES = {0, 1, 2, 511};
  static final int[] PASIDS = {0, 1, 2, 65, 0xfffc2};
  static final int[] SOURCES = {0x0018, 0x0019, 0x00ff, 0x0100, 0x0190, 0xff00};
  static final int OWN_ENTRIES = 3;
  static final int LEVELS = 5;
  private static final int PER_LEVEL = 2;
  private static final int FIRST_STAGE_TABLES = 6;
  private static final int PERMISSION_TOP_PAGES = 8;
  private static final int DIRECTORY_PAGES = 32;

  final long[][] secondStage = new long[LEVELS + 1][];
  final long[] firstStage;
  final long[] guest;
  final long[] contexts;
  final long[] directories;
  final long[] pasidTables;
  final long[][] permissions = new long[5][];
  final long[] translatedAddresses = new long[8];
  private final List<Slot> slots = new ArrayList<>();

  /// Tables with nothing in them.
  public HostileScalableTables(TestMachine machine, SplittableRandom random) {
    GuestMemory memory = machine.memory();
    for (int level = 1; level <= LEVELS; level++) {
      secondStage[level] = pages(memory, PER_LEVEL + (level == 1 ? 2 : 0), level == 1 ? 0 : -1);
    }
    firstStage = pages(memory, FIRST_STAGE_TABLES, 1);
    guest = pages(memory, FIRST_STAGE_TABLES, 2);
    contexts = pages(memory, 2, -1);
    pasidTables = pages(memory, 3, -1);
    directories = new long[] {memory.pages(DIRECTORY_PAGES), memory.pages(DIRECTORY_PAGES)};
    permissions[4] = new long[] {memory.pages(PERMISSION_TOP_PAGES)};
    for (int level = 1; level <= 3; level++) {
      permissions[level] = pages(memory, PER_LEVEL, -1);
    }
    for (int i = 0; i < translatedAddresses.length; i++) {
      translatedAddresses[i] = translatedAddress(random, i);
    }
    collectHeads(machine.rootTable());
    collectPaging();
    collectPermissions();
  }

  /// @param rom which page of ROM to add, or -1
  private static long[] pages(GuestMemory memory, int count, int rom) {
    long[] pages = new long[count];
    for (int i = 0; i < count; i++) {
      pages[i] = memory.page();
    }
    if (rom >= 0) {
      pages[count - 1] = GuestMemory.ROM_BASE + rom * GuestMemory.PAGE;
    }
    return pages;
  }

  private static long translatedAddress(SplittableRandom random, int i) {
    long low = random.nextInt(1 << 22);
    return switch (i) {
      case 0 -> 0xfee0_1000L;
      case 1 -> low | 1L << random.nextInt(42, 63);
      case 2 -> low | GuestMemory.HIGH_BASE;
      case 3 -> low | GuestMemory.FAR_BASE;
      default -> low;
    };
  }

  private void collectHeads(long root) {
    for (int bus : new int[] {0, 1, 0xff}) {
      slots.add(new Slot(Slot.Kind.ROOT, root + 16L * bus, 0));
      slots.add(new Slot(Slot.Kind.ROOT, root + 16L * bus + 8, 0));
    }
    for (int source : SOURCES) {
      for (long table : contexts) {
        Slot slot = new Slot(Slot.Kind.CONTEXT, table + 32L * (source & 0x7f), 0);
        if (!slots.contains(slot)) {
          slots.add(slot);
        }
      }
    }
    for (long directory : directories) {
      for (int index : new int[] {0, 1, 0xfffc2 >> 6}) {
        slots.add(new Slot(Slot.Kind.DIRECTORY, directory + 8L * index, 0));
      }
    }
    for (long table : pasidTables) {
      for (int i = 0; i < OWN_ENTRIES; i++) {
        slots.add(new Slot(Slot.Kind.PASID, table + 64L * i, i));
      }
    }
  }

  private void collectPaging() {
    for (int level = 1; level <= LEVELS; level++) {
      collect(Slot.Kind.SECOND_STAGE, secondStage[level], level);
    }
    collect(Slot.Kind.FIRST_STAGE, firstStage, 0);
    collect(Slot.Kind.GUEST, guest, 0);
  }

  private void collect(Slot.Kind kind, long[] tables, int level) {
    for (long table : tables) {
      for (int index : INDICES) {
        slots.add(new Slot(kind, table + 8L * index, level));
      }
    }
  }

  private void collectPermissions() {
    for (int level = 1; level <= 4; level++) {
      for (long table : permissions[level]) {
        for (long hpa : translatedAddresses) {
          int index = (int) (hpa >>> 17 + 8 * (level - 1)) & (level == 4 ? 2047 : 255);
          Slot slot = new Slot(Slot.Kind.PERMISSION, table + 16L * index, level);
          if (!slots.contains(slot)) {
            slots.add(slot);
          }
        }
      }
    }
  }

  /// Every place.
  public List<Slot> slots() {
    return List.copyOf(slots);
  }

  /// An address made of few indices, so that tables are met.
  static long address(SplittableRandom random, int levels) {
    long address = random.nextInt(4096);
    for (int level = 1; level <= levels; level++) {
      boolean low = level > 3 && random.nextInt(6) > 0;
      address |= (long) INDICES[low ? 0 : random.nextInt(INDICES.length)] << Paging.shift(level);
    }
    return address;
  }
}
