package dev.portcullis.vmm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.driver.table.Rights;
import dev.portcullis.kit.driver.DrivenPlatform.Reach;
import dev.portcullis.kit.driver.InProcessPlatform;
import dev.portcullis.kit.random.Seed;
import dev.portcullis.unit.UnitConfiguration.Preset;
import dev.portcullis.vmm.Lvmm.Departure;
import dev.portcullis.vmm.VmmException.Reason;
import dev.portcullis.vmm.assign.Assignment;
import dev.portcullis.vmm.assign.Assignments;
import dev.portcullis.vmm.fault.FaultDesk;
import dev.portcullis.vmm.fault.Tempo;
import dev.portcullis.vmm.memory.Owner;
import dev.portcullis.vmm.memory.PageRange;
import dev.portcullis.vmm.memory.PhysicalMemory.Portion;
import dev.portcullis.vmm.memory.Quarantine;
import dev.portcullis.vmm.partition.Guard;
import dev.portcullis.vmm.partition.Invalidation;
import dev.portcullis.vmm.partition.Mapping;
import dev.portcullis.vmm.partition.Partition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Partitions come and go, map, guard, share and give devices away at random, and try for what is
/// not theirs; devices are stopped and let go. After each step the maps are in order, and devices
/// reach what the maps say, through the unit and its caches; and of what partitions have lost whose
/// invalidation is deferred, what was there, and that is nobody else's. What is refused is told as
/// the doing of the device that did it, and of the partition it belonged to then, also if it has
/// changed hands since.
class IsolationPropertyTest {
  private static final int STEPS = 1_000;
  private static final int REQUESTS_PER_STEP = 8;
  private static final long GUEST_PAGES = 1024;
  private static final long PAGE = PageRange.PAGE_BYTES;
  private static final List<String> NAMES = List.of("a", "b", "c", "d");

  private final List<TestFunction> functions =
      List.of(
          new TestFunction("00:01.0"),
          new TestFunction("00:01.1"),
          new TestFunction("00:02.0"),
          new TestFunction("3a:1f.7"));

  private final List<PageRange> shared = new ArrayList<>();
  private final Map<Reach, Integer> reached = new EnumMap<>(Reach.class);
  private final Map<Reason, Integer> refused = new EnumMap<>(Reason.class);
  private final ExpectedFaults faults = new ExpectedFaults();
  private TestHost host;
  private FaultDesk desk;
  private Optional<Reached> lastReached = Optional.empty();
  private int late;

  private record Reached(Partition partition, long gpa) {}

  private SplittableRandom random;

  @ParameterizedTest
  @EnumSource(names = {"LEGACY", "CACHING_MODE", "SCALABLE"})
  void nobodyEverReachesWhatIsNotTheirs(Preset preset) throws Exception {
    host = new TestHost(preset, new Quarantine.Bounds(200, Duration.ofDays(1)));
    random = Seed.ofThisRun().random(preset.ordinal());
    desk =
        new FaultDesk(
            host.driver, host.lvmm.assignments(), Tempo.DEFAULT, System::nanoTime, event -> {});
    desk.onEach(faults::told);
    for (int step = 0; step < STEPS; step++) {
      try {
        doSomething();
      } catch (VmmException e) {
        refused.merge(e.reason(), 1, Integer::sum);
      }
      assertThat(host.lvmm.breaches()).as("%s, step %d", Seed.ofThisRun(), step).isEmpty();
      for (int i = 0; i < REQUESTS_PER_STEP; i++) {
        request(step);
      }
      if (random.nextInt(4) != 0) {
        desk.read();
        faults.demandNoneLeft();
      }
    }
    faults.demandVariety();
    assertThat(refused)
        .containsKeys(
            Reason.OVERLAP, Reason.NOT_OWNED, Reason.EXISTS, Reason.UNKNOWN, Reason.IN_USE)
        .doesNotContainKey(Reason.UNIT);
    assertThat(reached.get(Reach.THERE)).isGreaterThan(STEPS / 4);
    assertThat(reached.get(Reach.BLOCKED)).isGreaterThan(STEPS / 4);
    assertThat(late).as("requests for what was lost").isPositive();
  }

  private void doSomething() throws VmmException {
    List<Partition> partitions = host.lvmm.partitions();
    int choice = random.nextInt(100);
    if (choice < 6 || partitions.isEmpty()) {
      host.lvmm
          .create(any(NAMES), PAGE << random.nextInt(10))
          .invalidation(any(List.of(Invalidation.values())));
    } else if (choice < 9) {
      host.lvmm.destroy(
          any(partitions), random.nextBoolean() ? Departure.SCRUBBED : Departure.AS_IT_IS);
    } else if (choice < 13) {
      shared.add(
          host.lvmm.share("ring", PAGE << random.nextInt(4), any(partitions), any(partitions)));
    } else if (choice < 17 && !shared.isEmpty()) {
      PageRange range = any(shared);
      host.lvmm.unshare(range);
      shared.remove(range);
    } else if (choice < 55) {
      map(any(partitions));
    } else if (choice < 63) {
      any(partitions).guard(guestPages(), any(List.of(Guard.values())));
    } else if (choice < 74) {
      unmap(any(partitions));
    } else if (choice < 75) {
      changeInvalidation(any(partitions));
    } else if (choice < 88) {
      host.lvmm.assignments().assign(any(functions), any(partitions));
    } else if (choice < 91) {
      host.lvmm.assignments().release(any(functions).at());
    } else if (choice < 94) {
      stopOrResume(any(functions));
    } else if (choice < 97) {
      goAstray(any(functions));
    } else {
      host.lvmm.assignments().reassign(any(functions).at(), any(partitions));
    }
  }

  /// Also where a function has just been: the unit knows its way.
  private void unmap(Partition any) throws VmmException {
    if (lastReached.isPresent() && random.nextBoolean()) {
      lastReached.get().partition().unmap(new PageRange(lastReached.get().gpa() & -PAGE, PAGE));
    } else {
      any.unmap(guestPages());
    }
  }

  private void changeInvalidation(Partition partition) throws VmmException {
    if (random.nextInt(4) == 0) {
      partition.settle();
      assertThat(partition.held()).isEmpty();
    } else {
      partition.invalidation(any(List.of(Invalidation.values())));
    }
  }

  private void stopOrResume(TestFunction function) throws VmmException {
    Assignments assignments = host.lvmm.assignments();
    if (assignments.isQuarantined(function.at()) || random.nextInt(4) == 0) {
      assignments.resume(function.at());
    } else {
      String owner =
          assignments
              .at(function.at())
              .map(one -> one.partition().name())
              .filter(name -> random.nextInt(8) != 0)
              .orElseGet(() -> any(NAMES));
      assignments.quarantine(function.at(), owner);
    }
  }

  /// A function goes for memory of the monitor, of its tables or of another partition, or outside
  /// of all, and does not stop at once.
  private void goAstray(TestFunction function) {
    int times = 1 + random.nextInt(12);
    for (int i = 0; i < times; i++) {
      long hpa =
          switch (random.nextInt(4)) {
            case 0 -> TestHost.MONITOR.first();
            case 1 -> TestHost.TABLES.first();
            case 2 -> any(host.lvmm.partitions()).window().first();
            default -> (1L << 30) + random.nextLong(1 << 20) * PAGE;
          };
      // Far above what any partition maps; the host address is in the low bits.
      long gpa = (1L << 32) + hpa;
      long before = hpa < InProcessPlatform.MEMORY_BYTES ? host.load(hpa) : 0;
      assertThat(host.write(function, gpa, hpa)).isEqualTo(Reach.BLOCKED);
      if (hpa < InProcessPlatform.MEMORY_BYTES) {
        assertThat(host.load(hpa)).isEqualTo(before);
      }
      refused(function, gpa);
    }
  }

  private void refused(TestFunction function, long gpa) {
    Assignments assignments = host.lvmm.assignments();
    if (assignments.isQuarantined(function.at())) {
      faults.unrecorded();
    } else {
      faults.refused(
          function.at(),
          gpa & -PAGE,
          assignments.at(function.at()).map(one -> one.partition().name()));
    }
  }

  private <T> T any(List<T> from) {
    return from.get(random.nextInt(from.size()));
  }

  private PageRange guestPages() {
    return new PageRange(random.nextLong(GUEST_PAGES) * PAGE, PAGE << random.nextInt(7));
  }

  private void map(Partition partition) throws VmmException {
    List<Mapping> held = partition.held();
    PageRange guest =
        held.isEmpty() || random.nextBoolean()
            ? guestPages()
            : new PageRange(any(held).guest().first(), PAGE);
    long host =
        switch (random.nextInt(8)) {
          case 0 -> random.nextLong(4096) * PAGE;
          case 1 -> shared.isEmpty() ? 0 : any(shared).first();
          default -> {
            long room = partition.window().bytes() - guest.bytes();
            long into = room <= 0 ? 0 : random.nextLong(room / PAGE + 1) * PAGE;
            yield partition.window().first() + into;
          }
        };
    partition.map(guest, host, any(List.of(Rights.READ, Rights.READ_WRITE)));
  }

  /// A function writes or reads somewhere, mostly where its partition has something.
  private void request(int step) {
    TestFunction function = any(functions);
    Optional<Partition> partition =
        host.lvmm.assignments().at(function.at()).map(Assignment::partition);
    long gpa = random.nextLong(GUEST_PAGES + 64) * PAGE + 8L * random.nextInt(512);
    List<Mapping> mappings = partition.map(one -> one.map().mappings()).orElse(List.of());
    List<Mapping> held = partition.map(Partition::held).orElse(List.of());
    if (lastReached.isPresent() && random.nextInt(4) == 0) {
      gpa = lastReached.get().gpa();
    } else if (!held.isEmpty() && random.nextInt(3) == 0) {
      PageRange guest = any(held).guest();
      gpa = guest.first() + random.nextLong(guest.bytes()) / 8 * 8;
    } else if (!mappings.isEmpty() && random.nextInt(4) != 0) {
      PageRange guest = any(mappings).guest();
      gpa = guest.first() + random.nextLong(guest.bytes()) / 8 * 8;
    }
    long address = gpa;
    Optional<Mapping> mapping =
        partition
            .filter(one -> !host.lvmm.assignments().isQuarantined(function.at()))
            .flatMap(one -> one.map().at(address));
    boolean write = random.nextBoolean();
    boolean allowed = mapping.isPresent() && (!write || mapping.get().isWritableByDevices());
    Optional<Mapping> former =
        held.stream()
            .filter(one -> contains(one, address))
            .filter(_ -> mapping.isEmpty())
            .findAny();
    if (former.isPresent() && !host.lvmm.assignments().isQuarantined(function.at())) {
      requestHeld(function, address, write, former.get());
      return;
    }
    long hpa = mapping.map(one -> one.host() + address - one.guest().first()).orElse(0L);
    Reach reach = write ? host.write(function, gpa, hpa) : host.read(function, gpa, hpa);
    assertThat(reach)
        .as("%s, step %d: %s at %x of %s", Seed.ofThisRun(), step, function.at(), gpa, partition)
        .isEqualTo(allowed ? Reach.THERE : Reach.BLOCKED);
    if (reach == Reach.BLOCKED) {
      refused(function, gpa);
    }
    if (reach == Reach.THERE) {
      assertThat(ownerOf(hpa)).matches(owner -> owner.admits(partition.orElseThrow().name()));
      lastReached = Optional.of(new Reached(partition.orElseThrow(), gpa));
    }
    reached.merge(reach, 1, Integer::sum);
  }

  private static boolean contains(Mapping mapping, long gpa) {
    return mapping.guest().first() <= gpa && gpa < mapping.guest().end();
  }

  /// What a partition has lost may still be reached by its devices: what was there, which is nobody
  /// else's, or nothing.
  private void requestHeld(TestFunction function, long gpa, boolean write, Mapping former) {
    long hpa = former.hpa(gpa);
    Partition partition = host.lvmm.assignments().at(function.at()).orElseThrow().partition();
    assertThat(ownerOf(hpa)).matches(owner -> owner.admits(partition.name()));
    Reach reach = write ? host.write(function, gpa, hpa) : host.read(function, gpa, hpa);
    if (write && !former.isWritableByDevices()) {
      assertThat(reach).isEqualTo(Reach.BLOCKED);
    }
    switch (reach) {
      case BLOCKED -> refused(function, gpa);
      case THERE -> late++;
      default -> throw new AssertionError(reach + " at " + Long.toHexString(gpa));
    }
  }

  private Owner ownerOf(long hpa) {
    return host.lvmm.physical().portions().stream()
        .filter(portion -> portion.range().first() <= hpa && hpa < portion.range().end())
        .map(Portion::owner)
        .findFirst()
        .orElseThrow();
  }
}
