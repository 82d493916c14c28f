package dev.portcullis.vmm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.driver.table.Rights;
import dev.portcullis.kit.driver.DrivenPlatform.Reach;
import dev.portcullis.kit.driver.InProcessPlatform;
import dev.portcullis.unit.UnitConfiguration.Preset;
import dev.portcullis.vmm.Lvmm.Departure;
import dev.portcullis.vmm.isolation.Isolation;
import dev.portcullis.vmm.memory.Owner;
import dev.portcullis.vmm.memory.PageRange;
import dev.portcullis.vmm.memory.PhysicalMemory;
import dev.portcullis.vmm.memory.Quarantine;
import dev.portcullis.vmm.partition.Guard;
import dev.portcullis.vmm.partition.Invalidation;
import dev.portcullis.vmm.partition.Mapping;
import dev.portcullis.vmm.partition.Partition;
import dev.portcullis.vmm.partition.Unmappings;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A partition whose devices may reach for a while what it has lost: what that is stays its own.
class DeferredInvalidationTest {
  private static final long MIB = 1 << 20;
  private static final long PAGE = PageRange.PAGE_BYTES;
  private static final long GPA = 0x10_0000;
  private static final PageRange ONE = new PageRange(GPA, PAGE);
  private static final Quarantine.Bounds PATIENT = new Quarantine.Bounds(16, Duration.ofDays(1));

  private final TestFunction disk = new TestFunction("00:05.0");
  private TestHost host;
  private Lvmm lvmm;
  private Partition user;
  private Partition other;
  private long page;

  /// The user's disk has just been where a page was that the user has lost.
  private void loseAPage(Preset preset) throws Exception {
    start(preset, PATIENT);
    user.map(ONE, page, Rights.READ_WRITE);
    assertThat(host.write(disk, GPA, page)).isEqualTo(Reach.THERE);
    user.unmap(ONE);
  }

  private void start(Preset preset, Quarantine.Bounds bounds) throws Exception {
    host = new TestHost(preset, bounds);
    lvmm = host.lvmm;
    user = lvmm.create("user", 2 * MIB);
    other = lvmm.create("other", MIB);
    lvmm.assignments().assign(disk, user);
    page = user.window().first();
    user.invalidation(Invalidation.DEFERRED);
  }

  private void assertSettled() {
    assertThat(user.held()).isEmpty();
    assertThat(lvmm.physical().quarantine().pages()).isZero();
    assertThat(lvmm.breaches()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(names = {"LEGACY", "CACHING_MODE", "SCALABLE"})
  void devicesMayReachWhatWasThereUntilItIsSettled(Preset preset) throws Exception {
    loseAPage(preset);

    assertThat(user.map().mappings()).isEmpty();
    assertThat(user.held()).containsExactly(new Mapping(ONE, page, Rights.READ_WRITE));
    assertThat(lvmm.breaches()).isEmpty();
    assertThat(host.write(disk, GPA, page)).as("late").isEqualTo(Reach.THERE);
    assertThat(user.processors().store(GPA, 8, 1)).as("a processor").isFalse();
    assertThat(user.unmappings()).isEqualTo(new Unmappings(1, 1, 0));

    user.settle();
    assertThat(host.write(disk, GPA, page)).isEqualTo(Reach.BLOCKED);
    assertSettled();
    assertThat(user.unmappings()).isEqualTo(new Unmappings(1, 1, 1));
  }

  @ParameterizedTest
  @EnumSource(names = {"LEGACY", "CACHING_MODE", "SCALABLE"})
  void strictNothingIsReachedAnyMore(Preset preset) throws Exception {
    loseAPage(preset);

    user.invalidation(Invalidation.STRICT);
    assertThat(host.write(disk, GPA, page)).isEqualTo(Reach.BLOCKED);
    user.map(ONE, page, Rights.READ_WRITE);
    assertThat(host.write(disk, GPA, page)).isEqualTo(Reach.THERE);
    user.unmap(ONE);

    assertThat(host.write(disk, GPA, page)).isEqualTo(Reach.BLOCKED);
    assertSettled();
    assertThat(user.unmappings()).isEqualTo(new Unmappings(2, 2, 2));
  }

  @ParameterizedTest
  @EnumSource(names = {"LEGACY", "CACHING_MODE", "SCALABLE"})
  void whereItWasNothingElseIsFoundBefore(Preset preset) throws Exception {
    loseAPage(preset);

    user.map(new PageRange(GPA - PAGE, 2 * PAGE), page + 8 * PAGE, Rights.READ_WRITE);

    assertThat(host.write(disk, GPA, page + 9 * PAGE)).isEqualTo(Reach.THERE);
    assertSettled();
  }

  @ParameterizedTest
  @EnumSource(names = {"LEGACY", "CACHING_MODE", "SCALABLE"})
  void whatItWasIsMappedToNothingElseBefore(Preset preset) throws Exception {
    loseAPage(preset);

    user.map(new PageRange(4 * GPA, PAGE), page, Rights.READ);

    assertThat(host.write(disk, GPA, page)).isEqualTo(Reach.BLOCKED);
    assertThat(host.write(disk, 4 * GPA, page)).isEqualTo(Reach.BLOCKED);
    assertThat(host.read(disk, 4 * GPA, page)).isEqualTo(Reach.THERE);
    assertSettled();
  }

  /// A page may be in a map twice.
  @ParameterizedTest
  @EnumSource(names = {"LEGACY", "CACHING_MODE", "SCALABLE"})
  void guardHoldsWhereverThePageWas(Preset preset) throws Exception {
    loseAPage(preset);
    user.map(ONE, page, Rights.READ_WRITE);
    PageRange again = new PageRange(4 * GPA, PAGE);
    user.map(again, page, Rights.READ_WRITE);
    assertThat(host.write(disk, GPA, page)).isEqualTo(Reach.THERE);
    user.unmap(ONE);
    assertThat(host.write(disk, GPA, page)).as("late").isEqualTo(Reach.THERE);

    user.guard(again, Guard.DEVICES);

    assertThat(host.write(disk, GPA, page)).isEqualTo(Reach.BLOCKED);
    assertThat(host.write(disk, 4 * GPA, page)).isEqualTo(Reach.BLOCKED);
    assertSettled();
  }

  @ParameterizedTest
  @EnumSource(names = {"LEGACY", "CACHING_MODE", "SCALABLE"})
  void sharedMemoryIsGivenBackWhenNobodyReachesIt(Preset preset) throws Exception {
    start(preset, PATIENT);
    PageRange ring = lvmm.share("ring", PAGE, user, other);
    user.map(ONE, ring.first(), Rights.READ_WRITE);
    assertThat(host.write(disk, GPA, ring.first())).isEqualTo(Reach.THERE);
    user.unmap(ONE);
    assertThatThrownBy(() -> lvmm.physical().release(ring))
        .isInstanceOf(IllegalStateException.class);
    assertThat(host.write(disk, GPA, ring.first())).as("late").isEqualTo(Reach.THERE);

    lvmm.unshare(ring);

    assertThat(host.write(disk, GPA, ring.first())).isEqualTo(Reach.BLOCKED);
    assertThat(lvmm.create("next", PAGE).window()).isEqualTo(ring);
    assertSettled();
  }

  @ParameterizedTest
  @EnumSource(names = {"LEGACY", "CACHING_MODE", "SCALABLE"})
  void windowOfOneThatIsTakenDownIsTheNextOnesAlone(Preset preset) throws Exception {
    loseAPage(preset);
    PageRange window = user.window();

    lvmm.destroy(user, Departure.SCRUBBED);

    assertThat(lvmm.physical().quarantine().pages()).isZero();
    Partition next = lvmm.create("next", 2 * MIB);
    assertThat(next.window()).isEqualTo(window);
    assertThat(host.write(disk, GPA, page)).isEqualTo(Reach.BLOCKED);
    lvmm.assignments().assign(disk, next);
    assertThat(host.write(disk, GPA, page)).isEqualTo(Reach.BLOCKED);
    assertThat(host.load(page)).isZero();
  }

  @ParameterizedTest
  @EnumSource(names = {"LEGACY", "CACHING_MODE", "SCALABLE"})
  void functionThatLeavesOrIsStoppedReachesNothingAtOnce(Preset preset) throws Exception {
    loseAPage(preset);
    lvmm.assignments().quarantine(disk.at(), "user");
    assertThat(host.write(disk, GPA, page)).isEqualTo(Reach.BLOCKED);
    lvmm.assignments().resume(disk.at());
    assertThat(host.write(disk, GPA, page)).isEqualTo(Reach.BLOCKED);

    lvmm.assignments().reassign(disk.at(), other);
    assertThat(host.write(disk, GPA, page)).isEqualTo(Reach.BLOCKED);
    assertThat(lvmm.breaches()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(names = {"LEGACY", "CACHING_MODE", "SCALABLE"})
  void nothingIsReachedThatWasOverwritten(Preset preset) throws Exception {
    loseAPage(preset);

    lvmm.scrub(user);

    assertThat(host.write(disk, GPA, page)).isEqualTo(Reach.BLOCKED);
    assertThat(host.load(page)).isZero();
    assertSettled();
  }

  @ParameterizedTest
  @EnumSource(names = {"LEGACY", "CACHING_MODE", "SCALABLE"})
  void soManyPagesWaitAndNoMore(Preset preset) throws Exception {
    start(preset, PATIENT);
    PageRange all = new PageRange(GPA, 64 * PAGE);
    user.map(all, page, Rights.READ_WRITE);
    for (int i = 0; i < 15; i++) {
      user.unmap(new PageRange(GPA + i * PAGE, PAGE));
    }
    assertThat(user.held()).hasSize(15);
    assertThat(host.write(disk, GPA + 15 * PAGE, page + 15 * PAGE)).isEqualTo(Reach.THERE);

    user.unmap(new PageRange(GPA + 15 * PAGE, PAGE));

    assertThat(host.write(disk, GPA + 15 * PAGE, page + 15 * PAGE)).isEqualTo(Reach.BLOCKED);
    assertThat(user.unmappings()).isEqualTo(new Unmappings(16, 16, 1));
    assertSettled();
  }

  @ParameterizedTest
  @EnumSource(names = {"LEGACY", "CACHING_MODE", "SCALABLE"})
  void nothingWaitsForLong(Preset preset) throws Exception {
    start(preset, Quarantine.Bounds.DEFAULT);
    for (int i = 0; i < 3; i++) {
      user.map(ONE, page, Rights.READ_WRITE);
      assertThat(host.write(disk, GPA, page)).isEqualTo(Reach.THERE);
      user.unmap(ONE);
      while (!user.held().isEmpty()) {
        Thread.onSpinWait();
      }
      assertThat(host.write(disk, GPA, page)).isEqualTo(Reach.BLOCKED);
    }
    assertSettled();
  }

  /// Nobody can have it so; but it would be seen.
  @ParameterizedTest
  @EnumSource(names = {"LEGACY", "CACHING_MODE", "SCALABLE"})
  void pageThatSomebodyHasWhileAnotherMayReachItIsABreach(Preset preset) throws Exception {
    loseAPage(preset);
    PhysicalMemory forged = new PhysicalMemory(new PageRange(0, InProcessPlatform.MEMORY_BYTES));
    forged.take(user.window(), new Owner.Window("thief"));
    Partition thief =
        new Partition(
            "thief", user.window(), forged, host.driver.domains().paging(), host.platform.memory());
    thief.map(ONE, page, Rights.READ);

    assertThat(Isolation.breaches(lvmm.physical(), List.of(user, thief)))
        .anyMatch(line ->
            line.startsWith("partition user reaches ") && line.contains("thief reaches it, too"));
    assertThat(Isolation.breaches(forged, List.of(user)))
        .singleElement()
        .asString()
        .contains("belongs to partition thief");
  }
}
