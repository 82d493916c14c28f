package dev.portcullis.management.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.driver.table.Rights;
import dev.portcullis.vmm.memory.PageRange;
import dev.portcullis.vmm.partition.Invalidation;
import dev.portcullis.vmm.partition.Partition;
import dev.portcullis.vmm.partition.Unmappings;
import dev.portcullis.vmm.platform.RunningPlatform;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Where a partition loses pages so often that invalidations show, they can be deferred, and made
/// strict again.
class DeferredInvalidationTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final String CHANGE = "invalidation-user";
  private static final int MIB = 1 << 20;
  private static final int PAGES = 256;
  private static final long PAGE = PageRange.PAGE_BYTES;

  /// Far above what the partition's software has.
  private static final long GPA = 1 << 30;

  @TempDir private Path folder;
  private TunedPlatform tuned;
  private RunningPlatform platform;
  private Partition user;
  private PageRange ring;
  private Optimiser optimiser;

  private void start(String profile) throws Exception {
    tuned = TunedPlatform.start(folder, TunedPlatform.WITH_DISK, profile);
    platform = tuned.platform();
    user = platform.partition("user").partition();
    ring = platform.lvmm().share("ring", PAGES * PAGE, user);
    optimiser = tuned.optimiser();
  }

  @AfterEach
  void stop() {
    if (tuned != null) {
      tuned.close();
    }
  }

  private Advice advice() throws Exception {
    return tuned.advice("user invalidation");
  }

  /// Gives the partition pages and takes them away, one by one.
  private void comeAndGo(int times) throws Exception {
    for (int done = 0; done < times; done += PAGES) {
      user.map(new PageRange(GPA, PAGES * PAGE), ring.first(), Rights.READ_WRITE);
      for (int i = 0; i < PAGES; i++) {
        user.unmap(new PageRange(GPA + i * PAGE, PAGE));
      }
      assertThat(platform.lvmm().breaches()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"scalable", "server-legacy", "client-39bit", "aggressive-caching"})
  void deferredIsOfferedWhereInvalidationsShowAndStrictComesBack(String profile) throws Exception {
    start(profile);
    assertThat(advice().state()).isEqualTo(Advice.State.KEPT);
    comeAndGo(DeferredInvalidation.LEAST_UNMAPPINGS);
    assertThat(advice())
        .satisfies(one -> assertThat(one.state()).isEqualTo(Advice.State.OFFERED))
        .satisfies(one -> assertThat(one.id()).isEqualTo(CHANGE))
        .satisfies(one ->
            assertThat(one.text())
                .startsWith("strict: pages were taken from it 1,024 times, an invalidation each")
                .contains("stays its own and is given to nobody"));
    assertThat(user.unmappings()).isEqualTo(new Unmappings(1024, 1024, 1024));

    optimiser.apply(CHANGE);
    assertThat(user.invalidation()).isEqualTo(Invalidation.DEFERRED);
    FutureTask<Boolean> disk = new FutureTask<>(this::diskWorks);
    Thread.ofPlatform().daemon().start(disk);
    do {
      comeAndGo(4 * PAGES);
    } while (!disk.isDone());
    assertThat(disk.get()).isTrue();
    Unmappings meanwhile = user.unmappings().since(new Unmappings(1024, 1024, 1024));
    assertThat(meanwhile.invalidations() * 4).isLessThan(meanwhile.ranges());
    assertThat(advice().text()).startsWith("deferred: ").contains("; before, strict: ");
    assertThat(advice().state()).isEqualTo(Advice.State.APPLIED);

    optimiser.revert(CHANGE);
    assertThat(user.invalidation()).isEqualTo(Invalidation.STRICT);
    assertThat(user.held()).isEmpty();
    platform.lvmm().unshare(ring);
    assertThat(diskWorks()).isTrue();
    tuned.told(CHANGE + " applied", CHANGE + " reverted");
    assertThat(platform.chassis().blocked().count()).isZero();
    assertThat(platform.unit().statistics().faultsInAll()).isZero();
  }

  private boolean diskWorks() throws Exception {
    return tuned.client().disk(8 * MIB, LIMIT).isEqual();
  }

  @Test
  void partitionThatIsTakenDownLeavesNothingBehind() throws Exception {
    start("scalable");
    comeAndGo(DeferredInvalidation.LEAST_UNMAPPINGS);
    optimiser.apply(CHANGE);
    comeAndGo(PAGES);

    platform.remove("user");

    assertThat(platform.lvmm().physical().quarantine().pages()).isZero();
    assertThat(optimiser.advice()).isEmpty();
    platform.lvmm().unshare(ring);
  }

  @ParameterizedTest
  @CsvSource({"999, 0, false", "1000, 100000, true", "1000, 100001, false", "5000, 1, true"})
  void figuresDecide(long unmappings, long requests, boolean pays) {
    assertThat(DeferredInvalidation.pays(unmappings, requests)).isEqualTo(pays);
  }
}
