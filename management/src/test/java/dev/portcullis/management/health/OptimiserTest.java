package dev.portcullis.management.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.vmm.event.EventType;
import dev.portcullis.vmm.memory.PageRange;
import dev.portcullis.vmm.partition.Guard;
import dev.portcullis.vmm.partition.Partition;
import dev.portcullis.vmm.platform.RunningPlatform;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What costs more than it must is changed, and changed back; partitions notice nothing.
class OptimiserTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final String CHANGE = "large-pages-user";
  private static final long MIB = 1 << 20;
  private static final PageRange GUARDED = new PageRange(12 * MIB, PageRange.PAGE_BYTES);

  @TempDir private Path folder;
  private TunedPlatform tuned;
  private RunningPlatform platform;
  private Partition user;
  private Optimiser optimiser;

  private void start(String profile) throws Exception {
    tuned = TunedPlatform.start(folder, TunedPlatform.WITH_DISK, profile);
    platform = tuned.platform();
    user = platform.partition("user").partition();
    optimiser = tuned.optimiser();
  }

  /// A guard leaves small pages behind.
  private void splitPages() throws Exception {
    user.guard(GUARDED, Guard.DEVICES);
    user.guard(GUARDED, Guard.NOBODY);
  }

  @AfterEach
  void stop() {
    tuned.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"scalable", "server-legacy", "client-39bit", "aggressive-caching"})
  void smallPagesThatAGuardLeftAreJoinedAndCanBeDividedAgain(String profile) throws Exception {
    start(profile);
    assertThat(tuned.advice("user").state()).isEqualTo(Advice.State.KEPT);

    splitPages();
    assertThat(tuned.advice("user"))
        .satisfies(one -> assertThat(one.state()).isEqualTo(Advice.State.OFFERED))
        .satisfies(one -> assertThat(one.text()).startsWith("1 times 2 MiB are mapped by 512"));

    optimiser.apply();
    assertThat(tuned.advice("user").state()).isEqualTo(Advice.State.APPLIED);
    assertThat(user.joinable()).isEmpty();
    assertThat(tuned.client().disk(MIB, LIMIT).isEqual()).isTrue();

    optimiser.revert(CHANGE);
    assertThat(user.joinable()).containsExactly(12 * MIB);
    assertThat(tuned.client().disk(MIB, LIMIT).isEqual()).isTrue();
    tuned.told(CHANGE + " applied", CHANGE + " reverted");
    assertThat(platform.lvmm().breaches()).isEmpty();
  }

  @Test
  void pagesWithRightsOfTheirOwnStayAsTheyAre() throws Exception {
    start("scalable");
    user.guard(GUARDED, Guard.DEVICES);

    optimiser.apply();

    assertThat(user.joinable()).isEmpty();
    assertThat(tuned.advice("user").state()).isEqualTo(Advice.State.KEPT);
    assertThat(tuned.events().of(EventType.HEALTH_OPTIMISATION)).isEmpty();
  }

  @Test
  void guardOverAJoinedPageHoldsAndIsNotUndoneByAReversal() throws Exception {
    start("scalable");
    splitPages();
    optimiser.apply();
    user.guard(GUARDED, Guard.DEVICES);

    optimiser.revert(CHANGE);

    assertThat(user.joinable()).isEmpty();
    assertThat(user.map().at(GUARDED.first()).orElseThrow().isWritableByDevices()).isFalse();
    user.guard(GUARDED, Guard.NOBODY);
    assertThat(user.joinable()).containsExactly(12 * MIB);
  }

  @ParameterizedTest
  @ValueSource(strings = {"scalable", "client-39bit"})
  void devicesAtWorkNoticeNothing(String profile) throws Exception {
    start(profile);
    List<Long> all = List.of(0L, 2 * MIB, 4 * MIB, 6 * MIB, 8 * MIB, 10 * MIB, 12 * MIB, 14 * MIB);
    CompletableFuture<Boolean> work =
        CompletableFuture.supplyAsync(() -> {
          try {
            return tuned.client().disk(12 * MIB, LIMIT).isEqual();
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
        });

    do {
      user.divide(all);
      assertThat(user.joinable()).isEqualTo(all);
      assertThat(user.join(all)).isEqualTo(all);
    } while (!work.isDone());

    assertThat(work.get()).isTrue();
    assertThat(platform.chassis().blocked().count()).isZero();
  }

  @Test
  void onlyWhatWasChangedIsUndone() throws Exception {
    start("scalable");
    OptimiseVerb verb = new OptimiseVerb(optimiser);
    assertThatThrownBy(() -> verb.answer(Map.of("revert", CHANGE), news -> {}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("\"large-pages-user\" is no change that was made");

    splitPages();
    assertThat(verb.answer(Map.of("apply", ""), news -> {}).get("advice").toString())
        .contains("state=applied", "strict: ", "interrupts");
    assertThatThrownBy(() -> optimiser.apply("x")).hasMessage("\"x\" is no change that is offered");
    assertThatThrownBy(() -> optimiser.revert("x"))
        .hasMessage("\"x\" is no change that was made; these were: large-pages-user");
  }
}
