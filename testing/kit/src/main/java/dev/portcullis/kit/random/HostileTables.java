package dev.portcullis.kit.random;

import dev.portcullis.kit.TestDevice;
import dev.portcullis.kit.TestMachine;
import dev.portcullis.kit.memory.GuestMemory;
import dev.portcullis.kit.table.Context;
import dev.portcullis.kit.table.Entry;
import dev.portcullis.kit.table.Paging;
import dev.portcullis.kit.table.Root;
import dev.portcullis.unit.request.Request;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/// Tables of which most entries make sense and some are broken in every way there is: reserved
/// bits, addresses without memory or beyond the host's width, pages in the interrupt range, tables
/// that point to themselves or are used at two levels.
///
/// One rule of software is kept, since breaking it makes answers ambiguous: a domain-id stands for
/// one root and one depth of tables.
public final class HostileTables {
  private static final int TABLES = 24;
  private static final int DOMAINS = 4;
  private static final int[] INDICES = {0, 1, 2, 511};
  private static final int[] SOURCES = {0x0018, 0x0019, 0x00ff, 0x0100, 0x0118, 0xff00};
  private static final int RECENT = 12;

  private final TestMachine machine;
  private final SplittableRandom random;
  private final long[] tables = new long[TABLES];
  private final int[] levels = new int[DOMAINS];
  private final List<TestDevice> devices = new ArrayList<>();
  private final long[] recent = new long[RECENT];
  private final long contextTable;

  /// Tables with nothing in them.
  public HostileTables(TestMachine machine, SplittableRandom random) {
    this.machine = machine;
    this.random = random;
    this.contextTable = machine.page();
    for (int i = 0; i < TABLES; i++) {
      tables[i] = machine.page();
    }
    for (int i = 0; i < DOMAINS; i++) {
      do {
        levels[i] = random.nextInt(3, 6);
      } while (!machine.facts().hasLevels(levels[i]) && (i == 0 || !one(6)));
    }
    for (int sourceId : SOURCES) {
      devices.add(machine.device(sourceId));
    }
    for (int i = 0; i < RECENT; i++) {
      recent[i] = freshAddress();
    }
  }

  /// Every domain-id that occurs.
  public List<Integer> domainIds() {
    List<Integer> ids = new ArrayList<>();
    for (int id = 1; id <= DOMAINS + 1; id++) {
      ids.add(id);
    }
    return ids;
  }

  /// Writes every slot of every table.
  public void fill() {
    for (Slot slot : slots()) {
      write(slot);
    }
  }

  /// Writes a slot picked at random.
  public void change() {
    List<Slot> slots = slots();
    write(slots.get(random.nextInt(slots.size())));
  }

  /// Every slot, in random order: writing them one after another makes the tables grow.
  public List<Slot> shuffled() {
    List<Slot> slots = new ArrayList<>(slots());
    for (int i = slots.size() - 1; i > 0; i--) {
      int other = random.nextInt(i + 1);
      Slot swapped = slots.get(i);
      slots.set(i, slots.get(other));
      slots.set(other, swapped);
    }
    return slots;
  }

  /// One entry of one table.
  ///
  /// @param kind what it is
  /// @param hpa where it is
  public record Slot(Kind kind, long hpa) {
    /// Kinds of entries.
    public enum Kind {
      ROOT,
      CONTEXT,
      PAGING
    }
  }

  private List<Slot> slots() {
    Set<Slot> slots = new HashSet<>();
    List<Slot> ordered = new ArrayList<>();
    for (TestDevice device : devices) {
      slots.add(new Slot(Slot.Kind.ROOT, device.rootAddress()));
      slots.add(new Slot(Slot.Kind.CONTEXT, contextTable + 16L * (device.sourceId() & 0xff)));
    }
    for (long table : tables) {
      for (int index : INDICES) {
        slots.add(new Slot(Slot.Kind.PAGING, table + 8L * index));
      }
    }
    ordered.addAll(slots);
    ordered.sort((a, b) -> Long.compare(a.hpa, b.hpa));
    return ordered;
  }

  /// Puts something new into a slot.
  public void write(Slot slot) {
    GuestMemory memory = machine.memory();
    switch (slot.kind) {
      case ROOT -> write(slot.hpa, rootEntry());
      case CONTEXT -> write(slot.hpa, contextEntry());
      case PAGING -> memory.writeLong(slot.hpa, pagingEntry());
    }
  }

  private void write(long hpa, Entry entry) {
    machine.memory().writeLong(hpa + 8, entry.hi());
    machine.memory().writeLong(hpa, entry.lo());
  }

  private Entry rootEntry() {
    Entry root = Root.of(one(40) ? GuestMemory.HOLE : contextTable);
    if (one(40)) {
      root = root.without(Root.P);
    }
    return one(40) ? root.with(random.nextInt(1, 128)) : root;
  }

  private Entry contextEntry() {
    int domain = random.nextInt(DOMAINS);
    int aw = levels[domain] - 2;
    Entry context = Context.of(Context.SECOND_STAGE, aw, domain + 1, tables[domain]);
    if (one(8)) {
      int deepest = machine.facts().mostLevels() - 2;
      context = Context.of(Context.PASS_THROUGH, deepest, DOMAINS + 1, 0);
    } else if (one(16)) {
      context = Context.of(random.nextInt(1, 4), random.nextBoolean() ? 0 : 5, DOMAINS + 1, 0);
    }
    if (one(8)) {
      context = context.with(Context.FPD);
    }
    if (one(30)) {
      context = context.without(Context.P);
    }
    return one(30) ? brokenContext(context) : context;
  }

  /// With a bit set that is reserved or ignored: neither pointer nor width nor domain-id.
  private Entry brokenContext(Entry context) {
    return random.nextBoolean()
        ? context.with(random.nextInt(4, 12))
        : context.with(64 + (random.nextBoolean() ? random.nextInt(3, 8) : random.nextInt(24, 64)));
  }

  private long pagingEntry() {
    if (one(30)) {
      return randomBits() & ~Paging.RW;
    }
    long entry = address() | rights();
    if (one(6)) {
      entry |= Paging.PS;
    }
    if (one(40)) {
      entry |= Paging.SNP;
    }
    if (one(3)) {
      entry |= randomBits() & ignored();
    }
    if (one(50)) {
      entry |= 1L << random.nextInt(7, 63);
    }
    return entry;
  }

  private long rights() {
    return switch (random.nextInt(24)) {
      case 0 -> Paging.R;
      case 1 -> Paging.W;
      default -> Paging.RW;
    };
  }

  /// Ignored at every level in legacy mode.
  private static long ignored() {
    return 0x7cL | 7L << 8 & ~Paging.SNP | 0x1ffL << 52 | 1L << 61 | 1L << 63;
  }

  private long address() {
    return switch (random.nextInt(60)) {
      case 0 -> GuestMemory.HOLE;
      case 1 -> 1L << random.nextInt(30, 52);
      case 2 -> 0xfee0_0000L;
      case 3 -> 0xc000_0000L;
      case 4 -> GuestMemory.HIGH_BASE;
      case 5 -> GuestMemory.FAR_BASE;
      case 6 -> (long) random.nextInt(1, 64) << 30;
      case 7 -> (long) random.nextInt(1, 4096) << 21;
      default -> tables[random.nextInt(TABLES)];
    };
  }

  private long randomBits() {
    return random.nextLong() & random.nextLong();
  }

  private boolean one(int in) {
    return random.nextInt(in) == 0;
  }

  /// A device of this machine.
  public TestDevice device() {
    return devices.get(random.nextInt(devices.size()));
  }

  /// A kind of request.
  public Request request() {
    return Request.values()[random.nextInt(Request.values().length)];
  }

  /// An address: often one of before, sometimes in the interrupt range or beyond any table.
  public long iova() {
    if (random.nextInt(3) > 0) {
      return recent[random.nextInt(RECENT)];
    }
    long fresh = freshAddress();
    recent[random.nextInt(RECENT)] = fresh;
    return fresh;
  }

  private long freshAddress() {
    long iova = random.nextInt(4096);
    for (int level = 1; level <= 5; level++) {
      int most = level > 3 && !one(4) ? 1 : INDICES.length;
      iova |= (long) INDICES[random.nextInt(most)] << Paging.shift(level);
    }
    return switch (random.nextInt(40)) {
      case 0 -> 0xfee0_0000L | iova & 0xfffff;
      case 1 -> iova | 1L << random.nextInt(30, 64);
      case 2 -> random.nextLong();
      default -> one(2) ? iova & (1L << 39) - 1 : iova;
    };
  }
}
