package dev.portcullis.kit.random;

import dev.portcullis.kit.TestMachine;
import dev.portcullis.kit.queue.Descriptor;
import dev.portcullis.kit.reference.Ask;
import dev.portcullis.kit.reference.NaiveWalker;
import dev.portcullis.kit.reference.Visit;
import dev.portcullis.kit.register.Facts;
import dev.portcullis.pci.PasidPrefix;
import dev.portcullis.unit.request.Request;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/// Thinks of what may happen to a unit in scalable mode.
public final class ScalableWorld {
  private static final int ADDRESSES = 16;

  /// The last type of descriptor that legacy mode has, and that of host permissions.
  private static final int LAST_NARROW = 5;

  private static final int PERMISSIONS = 10;
  private static final long SCALABLE = 1 << 10;
  private static final long IO_RIGHTS = 1 << 7;

  private final SplittableRandom random;
  private final TestMachine machine;
  private final Facts facts;
  private final long rtaddr;
  private final HostileScalableTables tables;
  private final HostileEntries entries;
  private final List<Slot> slots;
  private final long[] addresses = new long[ADDRESSES];
  private final List<HostileEntries.Space> spaces;
  private final Owed owed;

  /// A world around a machine that does not translate yet; now it does.
  public ScalableWorld(TestMachine machine, SplittableRandom random) {
    this.random = random;
    this.machine = machine;
    this.facts = machine.facts();
    this.rtaddr = machine.rootTable() | mode();
    if (facts.pageRequests()) {
      machine.pageRequests();
    }
    machine.translating(rtaddr & 0xfff);
    this.tables = new HostileScalableTables(machine, random);
    this.entries = new HostileEntries(facts, tables, random);
    this.slots = tables.slots();
    for (int i = 0; i < ADDRESSES; i++) {
      addresses[i] = address();
    }
    this.spaces = entries.spaces();
    this.owed = new Owed(facts, entries, tables);
  }

  private long mode() {
    boolean ioRights = facts.secondStageIoRights() && random.nextInt(3) == 0;
    long mode = random.nextInt(40) == 0 ? (long) random.nextInt(4) << 10 : SCALABLE;
    return mode | (ioRights ? IO_RIGHTS : 0);
  }

  private long address() {
    long address = HostileScalableTables.address(random, 5);
    return switch (random.nextInt(24)) {
      case 0 -> 0xfee0_0000L | address & 0xfffff;
      case 1 -> address | 1L << random.nextInt(30, 64);
      case 2 -> address | -1L << 47;
      case 3 -> address | -1L << 56;
      default -> random.nextBoolean() ? address & (1L << 39) - 1 : address;
    };
  }

  /// The root table address register.
  public long rtaddr() {
    return rtaddr;
  }

  public List<Slot> slots() {
    return slots;
  }

  /// Something new for each place.
  public List<Step.Write> fill() {
    return slots.stream().map(this::fill).toList();
  }

  private Step.Write fill(Slot slot) {
    return new Step.Write(slot.kind() + " " + slot.level(), slot.hpa(), entries.words(slot));
  }

  /// Something new for some place: sooner or later for each.
  public Change change() {
    Slot slot = slots.get(random.nextInt(slots.size()));
    return new Change(slot, fill(slot));
  }

  /// A change to come.
  public record Change(Slot slot, Step.Write write) {}

  /// Everything, in one way or another.
  public Step.Invalidate everything() {
    List<Descriptor> all = new ArrayList<>(List.of(Descriptor.contextGlobal()));
    if (random.nextBoolean()) {
      all.add(Descriptor.pasidsGlobal());
      all.add(Descriptor.iotlbGlobal());
    } else {
      HostileEntries.domainIds().forEach(did -> all.add(Descriptor.pasidsDomain(did)));
      HostileEntries.domainIds().forEach(did -> all.add(Descriptor.iotlbDomain(did)));
    }
    return offered(all, Descriptor.permissionsGlobal());
  }

  private Step.Invalidate offered(List<Descriptor> wanted, Descriptor... more) {
    List<Descriptor> all = new ArrayList<>(wanted);
    all.addAll(List.of(more));
    return new Step.Invalidate(all.stream().filter(this::isOffered).distinct().toList());
  }

  /// Whether the queue takes it; where no mode is in force, nothing is cached and the queue stands.
  private boolean isOffered(Descriptor descriptor) {
    int type = (int) descriptor.lo() & 15;
    return switch ((int) (rtaddr >>> 10) & 3) {
      case 0 -> type <= LAST_NARROW;
      case 1 -> facts.scalableMode() && (type != PERMISSIONS || facts.hostPermissionTables());
      default -> false;
    };
  }

  /// What is due after `change`, which is not made yet.
  public Step.Invalidate owed(Change change, NaiveWalker walker) {
    List<Long> old = new ArrayList<>();
    for (int i = 0; i < change.write.words().size(); i++) {
      old.add(machine.memory().readLong(change.write.hpa() + 8L * i));
    }
    List<Owed.SpacedVisit> visits = new ArrayList<>();
    if (change.slot.isPaging()) {
      for (HostileEntries.Space space : spaces) {
        Set<Long> pages = new HashSet<>();
        for (long address : addresses) {
          if (pages.add(address >>> 12)) {
            for (Visit visit : walker.visits(rtaddr, space.entry(), address)) {
              if (visit.hpa() == change.slot.hpa()) {
                visits.add(new Owed.SpacedVisit(space, visit));
              }
            }
          }
        }
      }
    }
    return offered(owed.after(change.slot, old, visits));
  }

  /// A request.
  public Step.Make request() {
    int source =
        HostileScalableTables.SOURCES[random.nextInt(HostileScalableTables.SOURCES.length)];
    long address = addresses[random.nextInt(ADDRESSES)];
    Request request = Request.values()[random.nextInt(Request.values().length)];
    int kind = facts.deviceTlbs() ? random.nextInt(16) : 0;
    Ask ask =
        switch (kind) {
          case 8, 9, 10, 11, 12 ->
              Ask.translation(source, prefix(), address, random.nextInt(4) == 0);
          case 13, 14 -> Ask.translated(source, prefix(), translatedAddress(), request);
          case 15 ->
              facts.pageRequests()
                  ? Ask.page(source, prefix(), address)
                  : Ask.translation(source, prefix(), address, false);
          default -> Ask.untranslated(source, prefix(), address, request);
        };
    return new Step.Make(ask);
  }

  private long translatedAddress() {
    return tables.translatedAddresses[random.nextInt(tables.translatedAddresses.length)];
  }

  private int prefix() {
    if (random.nextInt(5) < 2) {
      return PasidPrefix.NONE;
    }
    int[] pasids = HostileScalableTables.PASIDS;
    int prefix = PasidPrefix.of(pasids[random.nextInt(pasids.length)]);
    prefix |= random.nextInt(4) == 0 ? PasidPrefix.PRIVILEGED : 0;
    return prefix | (random.nextInt(40) == 0 ? PasidPrefix.EXECUTE : 0);
  }
}
