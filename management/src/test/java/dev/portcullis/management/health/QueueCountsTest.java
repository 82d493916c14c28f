package dev.portcullis.management.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.devices.queue.QueueLoad;
import dev.portcullis.devices.queue.QueuedFunction;
import dev.portcullis.net.packet.Ipv4Address;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.vmm.platform.PowerAction;
import dev.portcullis.vmm.platform.RunningPlatform;
import dev.portcullis.vmm.software.Client;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Functions offer as many pairs of queues as their load asks for, from their next reset on.
class QueueCountsTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Ipv4Address PEER = Ipv4Address.parse("10.9.0.1");
  private static final RequesterId CARD = RequesterId.parse("00:03.0");
  private static final RequesterId DISK = RequesterId.parse("00:04.0");
  private static final int MIB = 1 << 20;

  @TempDir private Path folder;
  private TunedPlatform tuned;
  private RunningPlatform platform;
  private Optimiser optimiser;

  private void start() throws Exception {
    tuned = TunedPlatform.start(folder, TunedPlatform.WITH_DISK_AND_CARD, "scalable");
    platform = tuned.platform();
    optimiser = tuned.optimiser();
  }

  @AfterEach
  void stop() {
    if (tuned != null) {
      tuned.close();
    }
  }

  private QueuedFunction function(RequesterId at) {
    return (QueuedFunction)
        platform.chassis().slots().stream()
            .filter(slot -> slot.at().equals(at))
            .findFirst()
            .orElseThrow()
            .function();
  }

  /// More than it takes to conclude something.
  private void work() throws Exception {
    Client client = tuned.client();
    assertThat(client.transfer(PEER, 2 * MIB, LIMIT).isEqual()).isTrue();
    long before = requests(DISK);
    do {
      assertThat(client.disk(8 * MIB, LIMIT).isEqual()).isTrue();
    } while (requests(DISK) < before + QueueCounts.LEAST_REQUESTS);
    assertThat(requests(CARD)).isGreaterThan(QueueCounts.LEAST_REQUESTS);
  }

  private long requests(RequesterId at) {
    return function(at).loads().stream().mapToLong(QueueLoad::requests).sum();
  }

  @Test
  void pairsThatNobodyUsesAreOfferedNoMoreAfterTheNextReset() throws Exception {
    start();
    assertThat(tuned.advice("disk").state()).isEqualTo(Advice.State.KEPT);
    work();
    assertThat(tuned.advice("disk"))
        .satisfies(one -> assertThat(one.state()).isEqualTo(Advice.State.OFFERED))
        .satisfies(one -> assertThat(one.text()).startsWith("of 16 pairs of queues "));

    optimiser.apply();
    assertThat(tuned.advice("disk"))
        .satisfies(one -> assertThat(one.state()).isEqualTo(Advice.State.APPLIED))
        .satisfies(
            one -> assertThat(one.text()).contains(" from its next reset on, at the latest"));
    assertThat(function(DISK).pairs()).as("software relies on it").isEqualTo(16);
    platform.power(PowerAction.RESET, "user");
    int offered = function(DISK).pairs();
    assertThat(offered).isBetween(1, 2);
    assertThat(function(CARD).pairs()).isBetween(1, 2);
    work();
    assertThat(tuned.advice("disk").text())
        .startsWith("of %d pairs".formatted(offered))
        .contains("; before");

    optimiser.revert("queues-disk");
    assertThat(function(DISK).pairs()).isEqualTo(offered);
    platform.power(PowerAction.RESET, "user");
    assertThat(function(DISK).pairs()).isEqualTo(16);
    work();
    tuned.told("queues-nic applied", "queues-disk applied", "queues-disk reverted");
    assertThatThrownBy(() -> optimiser.revert("queues-disk"))
        .hasMessage("\"queues-disk\" is no change that was made; these were: queues-nic");
  }

  /// Offered two, it uses two.
  @Test
  void guestUsesWhatItIsOffered() throws Exception {
    start();
    work();
    assertThat(function(CARD).loads().get(1).requests()).isPositive();
    function(CARD).offerAfterReset(1);
    function(DISK).offerAfterReset(1);
    platform.power(PowerAction.RESET, "user");
    List<QueueLoad> card = function(CARD).loads();
    List<QueueLoad> disk = function(DISK).loads();

    work();

    assertThat(function(CARD).loads().get(0).requests()).isGreaterThan(card.get(0).requests());
    assertThat(function(CARD).loads().subList(1, 4)).isEqualTo(card.subList(1, 4));
    assertThat(function(DISK).loads().get(0).requests()).isGreaterThan(disk.get(0).requests());
    assertThat(function(DISK).loads().subList(1, 16)).isEqualTo(disk.subList(1, 16));
  }

  /// A pair is given as looks/full/requests.
  @ParameterizedTest
  @CsvSource({
    "'10/0/999, 0/0/0', 4, 2",
    "'10/0/1000, 0/0/0', 4, 1",
    "'10/0/900, 10/0/100, 0/0/0, 0/0/0', 4, 2",
    "'0/0/0, 10/0/1000', 4, 2",
    "'100/90/1000', 4, 2",
    "'100/90/1000', 1, 1",
    "'99/99/1000', 4, 1",
    "'100/89/1000', 4, 1",
    "'100/90/1000, 100/89/1000', 4, 2",
    "'100/90/1000, 100/90/1000', 3, 3",
    "'100/90/1000, 100/90/1000', 1, 2",
  })
  void figuresDecide(String pairs, int limit, int better) {
    List<QueueLoad> loads = Arrays.stream(pairs.split(", ")).map(QueueCountsTest::load).toList();
    assertThat(QueueCounts.better(loads.size(), limit, loads)).isEqualTo(better);
  }

  private static QueueLoad load(String text) {
    String[] parts = text.split("/");
    return new QueueLoad(
        Long.parseLong(parts[0]), Long.parseLong(parts[1]), Long.parseLong(parts[2]), 0);
  }
}
