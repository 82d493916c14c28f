package dev.portcullis.management.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.net.packet.Ipv4Address;
import dev.portcullis.pci.Completion;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.pci.UpstreamPort;
import dev.portcullis.spec.interrupt.RemappableFormat;
import dev.portcullis.unit.Statistics;
import dev.portcullis.vmm.interrupt.Delivery;
import dev.portcullis.vmm.interrupt.Traffic;
import dev.portcullis.vmm.interrupt.Way;
import dev.portcullis.vmm.platform.PowerAction;
import dev.portcullis.vmm.platform.RunningPlatform;
import dev.portcullis.vmm.software.Client;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Interrupts are posted or remapped as it pays, and the way is changed while they come.
class PostingTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Ipv4Address PEER = Ipv4Address.parse("10.9.0.1");
  private static final RequesterId DISK = RequesterId.parse("00:04.0");
  private static final String CHANGE = "posting-user";
  private static final int SWITCHES = 100;
  private static final int MIB = 1 << 20;

  @TempDir private Path folder;
  private TunedPlatform tuned;
  private RunningPlatform platform;
  private Delivery interrupts;
  private Optimiser optimiser;

  private void start(String profile) throws Exception {
    tuned = TunedPlatform.start(folder, TunedPlatform.WITH_DISK_AND_CARD, profile);
    platform = tuned.platform();
    interrupts = platform.partition("user").interrupts();
    optimiser = tuned.optimiser();
  }

  @AfterEach
  void stop() {
    if (tuned != null) {
      tuned.close();
    }
  }

  private static <T> FutureTask<T> begin(Callable<T> work) {
    FutureTask<T> task = new FutureTask<>(work);
    Thread.ofPlatform().daemon().start(task);
    return task;
  }

  private Advice advice() throws Exception {
    return tuned.advice("user interrupts");
  }

  @ParameterizedTest
  @ValueSource(strings = {"scalable", "aggressive-caching"})
  void guestAtWorkLosesNoneWhileTheWayIsSwitched(String profile) throws Exception {
    start(profile);
    assertThat(interrupts.way()).isEqualTo(Way.POSTED);
    FutureTask<Integer> switching =
        begin(() -> {
          for (int i = 0; i < SWITCHES; i++) {
            interrupts.deliver(i % 2 == 0 ? Way.REMAPPED : Way.POSTED);
            awaitMore(interrupts.traffic());
          }
          return SWITCHES;
        });

    do {
      FutureTask<Client.Moved> disk = begin(() -> tuned.client().disk(4 * MIB, LIMIT));
      assertThat(tuned.client().transfer(PEER, MIB, LIMIT).isEqual()).isTrue();
      assertThat(disk.get().isEqual()).isTrue();
    } while (!switching.isDone());

    assertThat(switching.get()).isEqualTo(SWITCHES);
    Traffic traffic = interrupts.traffic();
    Statistics.Interrupts unit = platform.unit().statistics().interrupts();
    assertThat(traffic.remapped()).isGreaterThanOrEqualTo(SWITCHES / 2);
    assertThat(traffic.posted()).isGreaterThanOrEqualTo(SWITCHES / 2);
    assertThat(unit.remapped()).isGreaterThanOrEqualTo(SWITCHES / 2);
    assertThat(unit.posted()).isGreaterThanOrEqualTo(SWITCHES / 2);
    assertThat(platform.chassis().blocked().count()).isZero();
    assertThat(platform.unit().statistics().faultsInAll()).isZero();
  }

  /// Some came in this way, too.
  private void awaitMore(Traffic before) {
    Traffic now;
    do {
      Thread.onSpinWait();
      now = interrupts.traffic().since(before);
    } while (interrupts.way() == Way.POSTED ? now.posted() == 0 : now.remapped() == 0);
  }

  /// Interrupts of the disk, with a guest that stands still and takes none of them.
  private void flood(int count) throws Exception {
    tuned.client().disk(MIB, LIMIT);
    platform.power(PowerAction.PAUSE, "user");
    platform.chassis().closeProbe(DISK);
    UpstreamPort port =
        platform.chassis().openProbe(DISK, platform.chassis().units().keySet().iterator().next());
    RemappableFormat message =
        platform.lvmm().assignments().at(DISK).orElseThrow().interrupts().orElseThrow().message(1);
    for (int i = 0; i < count; i++) {
      assertThat(port.message(message.address(), message.data())).isEqualTo(Completion.SUCCESS);
    }
    platform.power(PowerAction.RESUME, "user");
  }

  @Test
  void postingIsOfferedWhereItSparesCallsAndDoesSpareThem() throws Exception {
    start("scalable");
    assertThat(advice().state()).isEqualTo(Advice.State.KEPT);
    interrupts.deliver(Way.REMAPPED);
    flood(2 * Posting.LEAST_TO_POST);
    assertThat(advice())
        .satisfies(one -> assertThat(one.state()).isEqualTo(Advice.State.OFFERED))
        .satisfies(one -> assertThat(one.id()).isEqualTo(CHANGE))
        .satisfies(one -> assertThat(one.text()).startsWith("remapped: 2,"));

    optimiser.apply();
    assertThat(interrupts.way()).isEqualTo(Way.POSTED);
    long told = interrupts.traffic().told();
    flood(2 * Posting.LEAST_TO_POST);
    assertThat(advice())
        .satisfies(one -> assertThat(one.state()).isEqualTo(Advice.State.APPLIED))
        .satisfies(one -> assertThat(one.text()).startsWith("posted: ").contains("; before, rem"));
    assertThat(interrupts.traffic().told() - told).isLessThan(Posting.LEAST_TO_POST);

    optimiser.revert(CHANGE);
    assertThat(interrupts.way()).isEqualTo(Way.REMAPPED);
    assertThat(tuned.client().disk(MIB, LIMIT).isEqual()).isTrue();
    tuned.told(CHANGE + " applied", CHANGE + " reverted");
    assertThat(platform.unit().statistics().faultsInAll()).isZero();
  }

  @Test
  void unitThatCannotPostIsLeftAsItIs() throws Exception {
    start("client-39bit");
    flood(2 * Posting.LEAST_TO_POST);

    optimiser.apply();

    assertThat(advice().state()).isEqualTo(Advice.State.KEPT);
    assertThat(advice().text()).endsWith("; the unit does not post interrupts");
    assertThat(interrupts.way()).isEqualTo(Way.REMAPPED);
  }

  @ParameterizedTest
  @CsvSource({
    "REMAPPED, 999, 1, 0, 0, false",
    "REMAPPED, 1000, 901, 0, 0, false",
    "REMAPPED, 1000, 900, 0, 0, true",
    "POSTED, 0, 0, 9999, 9999, false",
    "POSTED, 0, 0, 10000, 9899, false",
    "POSTED, 0, 0, 10000, 9900, true",
  })
  void figuresDecide(Way way, long remapped, long rounds, long posted, long told, boolean pays) {
    assertThat(Posting.pays(way, new Traffic(remapped, rounds, posted, told))).isEqualTo(pays);
  }

  @Test
  void partitionThatIsGoneHasNoChange() throws Exception {
    start("scalable");
    interrupts.deliver(Way.REMAPPED);
    flood(2 * Posting.LEAST_TO_POST);
    optimiser.apply();

    platform.remove("user");

    assertThat(optimiser.advice()).noneMatch(one -> one.state() == Advice.State.APPLIED);
    assertThatThrownBy(() -> optimiser.revert(CHANGE))
        .hasMessage("\"" + CHANGE + "\" is no change that was made");
  }
}
