package dev.portcullis.management.containment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.management.EventCollector;
import dev.portcullis.management.ManagementDescription;
import dev.portcullis.management.ManagementFile;
import dev.portcullis.management.ManagementServices;
import dev.portcullis.management.boot.VerifiedBoot;
import dev.portcullis.management.enforcement.AccessLevel;
import dev.portcullis.net.packet.Ipv4Address;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.vmm.VmmException;
import dev.portcullis.vmm.engine.BootRefusedException;
import dev.portcullis.vmm.engine.EngineState;
import dev.portcullis.vmm.engine.EngineState.Phase;
import dev.portcullis.vmm.event.Event;
import dev.portcullis.vmm.event.EventType;
import dev.portcullis.vmm.platform.PlatformEvent;
import dev.portcullis.vmm.platform.PlatformEvent.StateChange;
import dev.portcullis.vmm.platform.PowerAction;
import dev.portcullis.vmm.platform.RunningPlatform;
import dev.portcullis.vmm.platform.description.PlatformDescription;
import dev.portcullis.vmm.platform.description.PlatformFile;
import dev.portcullis.vmm.software.Client;
import dev.portcullis.vmm.software.Client.ClientException;
import dev.portcullis.vmm.software.Client.DmaEnd;
import dev.portcullis.vmm.software.Client.Moved;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Partitions are contained on a running platform.
class ContainmentServiceTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final Duration MOMENT = Duration.ofMillis(300);
  private static final Ipv4Address PEER = Ipv4Address.parse("10.9.0.1");
  private static final RequesterId ROGUE = RequesterId.parse("00:05.0");

  private static final String PLATFORM =
      """
      memory: 128M
      units: [{at: 00:01.0, profile: scalable}]
      devices:
        - {name: nic, type: virtio-net, at: 00:03.0}
        - {name: rogue, type: edu, at: 00:05.0}
      partitions:
        - {name: user, memory: 16M, runs: client, address: 10.9.0.2/24, devices: [rogue]}
        - {name: services, memory: 32M, runs: bridge, devices: [nic]}
        - {name: other, memory: 16M, runs: client, address: 10.9.0.3/24}
      links:
        - between: [user, services]
        - between: [other, services]
      management: management.yaml
      """;

  @TempDir private Path folder;
  private final EventCollector events = new EventCollector();
  private final List<String> states = new CopyOnWriteArrayList<>();
  private RunningPlatform platform;
  private ManagementServices services;
  private ManagementDescription wanted;
  private VerifiedBoot gate;

  private void start(String more) throws Exception {
    String management = "state: state\n" + more;
    PlatformDescription description = PlatformFile.parse("test.yaml", folder, PLATFORM);
    wanted = ManagementFile.parse("management.yaml", folder, management, description);
    gate = ManagementServices.gate(wanted);
    platform = RunningPlatform.start(description, folder, this::happened, gate);
    platform.events().add(events);
    begin();
  }

  private void happened(PlatformEvent event) {
    if (event instanceof StateChange(String partition, EngineState state)) {
      states.add(partition + " is " + state);
    }
  }

  private void begin() throws Exception {
    services = ManagementServices.start(wanted, gate, platform);
  }

  @AfterEach
  void stop() {
    services.close();
    assertThat(platform.lvmm().breaches()).isEmpty();
    platform.close();
  }

  private Client client(String name) throws Exception {
    return platform.partition(name).client().orElseThrow();
  }

  private ContainmentService containment() {
    return services.containment().orElseThrow();
  }

  private ContainmentState state(String partition) {
    return containment().status().stream()
        .filter(one -> one.partition().equals(partition))
        .map(one -> one.standing().state())
        .findFirst()
        .orElseThrow();
  }

  private Event told(ContainmentState state) throws InterruptedException {
    return events.await(
        EventType.CONTAINMENT_STATE, event -> state.word().equals(event.data().get("state")));
  }

  private void await(ContainmentState state) throws InterruptedException {
    EventCollector.await("user is " + state, () -> state("user") == state);
  }

  @Test
  void whoIsContainedReachesNothingAndOthersNoticeNothing() throws Exception {
    start("containment: {}\n");
    client("user").ping(PEER, LIMIT);
    client("other").ping(PEER, LIMIT);
    FutureTask<Moved> transfer =
        new FutureTask<>(() -> client("other").transfer(PEER, 16 << 20, LIMIT));
    Thread.ofPlatform().daemon().start(transfer);

    ask("contain");

    assertThat(told(ContainmentState.CONTAINED).text())
        .isEqualTo("partition user is contained: a person says: a test");
    assertThatThrownBy(() -> client("user").ping(PEER, MOMENT)).isInstanceOf(ClientException.class);
    assertThat(transfer.get().isEqual()).isTrue();
    assertThat(services.enforcement().inForce("other").level()).isEqualTo(AccessLevel.UNRESTRICTED);

    assertThatThrownBy(() -> ask("clear"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("partition user is contained: clear is not possible");
    events.await(EventType.CONTAINMENT_REFUSED, event -> true);
    ask("release");
    client("user").ping(PEER, LIMIT);
  }

  private void ask(String trigger) throws Exception {
    Map<String, String> request =
        Map.of("partition", "user", "trigger", trigger, "reason", "a test");
    services.verbs().get("contain").answer(request, news -> {});
  }

  @Test
  void whoIsContainedStillReachesHelp() throws Exception {
    start("containment: {}\nremediation: [10.9.0.1]\n");
    containment().request("user", Trigger.CONTAIN, "test");

    client("user").ping(PEER, LIMIT);
    assertThatThrownBy(() -> client("user").ping(Ipv4Address.parse("10.9.0.3"), MOMENT))
        .isInstanceOf(ClientException.class);
    client("other").ping(PEER, LIMIT);
  }

  @Test
  void faultsAreASign() throws Exception {
    start("containment: {signs: [{on: fault, count: 3, within-seconds: 600, do: suspect}]}\n");
    for (int i = 0; i < 3; i++) {
      assertThat(client("user").attack(ROGUE, 1L << 40, LIMIT)).isEqualTo(DmaEnd.REFUSED);
      platform.readFaults();
    }
    assertThat(told(ContainmentState.SUSPECTED).data())
        .containsEntry("reason", "fault: 3 within 600 s")
        .containsEntry("from", "normal");
    assertThat(state("other")).isEqualTo(ContainmentState.NORMAL);
    client("user").ping(PEER, LIMIT);
  }

  @Test
  void anAttemptAtWhatMustNotChangeContainsAtOnce() throws Exception {
    start(
        """
        containment: {}
        integrity:
          partitions: [{name: user, ranges: [{name: kernel text, at: 12M, size: 64K}]}]
        """);
    assertThat(client("user").attack(ROGUE, 12 << 20, LIMIT)).isEqualTo(DmaEnd.REFUSED);

    assertThat(told(ContainmentState.CONTAINED).data())
        .containsEntry("reason", "integrity denied: 1 within 60 s");
    assertThatThrownBy(() -> client("user").ping(PEER, MOMENT)).isInstanceOf(ClientException.class);
  }

  @Test
  void whoTriesManyAddressesIsContained() throws Exception {
    start("containment: {signs: [{on: scan, count: 6, within-seconds: 600, do: contain}]}\n");
    client("user").ping(PEER, LIMIT);
    client("other").ping(PEER, LIMIT);
    for (int i = 0; i < 6; i++) {
      Ipv4Address nobody = Ipv4Address.parse("10.9.0." + (100 + i));
      assertThatThrownBy(() -> client("user").ping(nobody, Duration.ofMillis(10)))
          .isInstanceOf(ClientException.class);
    }
    await(ContainmentState.CONTAINED);
    assertThat(state("other")).isEqualTo(ContainmentState.NORMAL);
  }

  @Test
  void whoSendsTooMuchIsContained() throws Exception {
    start("containment: {signs: [{on: rate, count: 500, within-seconds: 600, do: contain}]}\n");
    assertThatThrownBy(() -> client("user").transfer(PEER, 64 << 20, Duration.ofSeconds(5)))
        .isInstanceOf(ClientException.class);
    await(ContainmentState.CONTAINED);
    client("other").ping(PEER, LIMIT);
  }

  @Test
  void whoStaysContainedForTooLongIsSwitchedOffAndStaysOff() throws Exception {
    start("containment: {contained-seconds: 1}\n");
    containment().request("user", Trigger.CONTAIN, "test");
    await(ContainmentState.POWERED_OFF);
    awaitOff();
    assertThat(services.enforcement().inForce("user").level()).isEqualTo(AccessLevel.NONE);

    assertThatThrownBy(() -> platform.power(PowerAction.START, "user"))
        .isInstanceOf(BootRefusedException.class)
        .hasMessageContaining("not booted: it must be off, since ")
        .hasMessageContaining("release it first");
    events.await(
        EventType.BOOT_REFUSED, event -> event.subject().partition().equals(Optional.of("user")));
    client("other").ping(PEER, LIMIT);

    containment().request("user", Trigger.RELEASE, "test");
    platform.power(PowerAction.START, "user");
    assertThat(platform.partition("user").engine().state().is(Phase.RUNNING)).isTrue();
    assertThat(state("user")).isEqualTo(ContainmentState.CONTAINED);
  }

  @Test
  void whoIsContainedStaysSoHoweverItBeginsAnew() throws Exception {
    start("containment: {}\n");
    containment().request("user", Trigger.CONTAIN, "a worm");
    for (PowerAction action : List.of(PowerAction.RESET, PowerAction.KILL, PowerAction.START)) {
      platform.power(action, "user");
    }
    platform.power(PowerAction.PAUSE, "user");
    platform.power(PowerAction.RESUME, "user");

    assertThat(platform.partition("user").engine().state().is(Phase.RUNNING)).isTrue();
    assertThat(state("user")).isEqualTo(ContainmentState.CONTAINED);
    assertThatThrownBy(() -> client("user").ping(PEER, MOMENT)).isInstanceOf(ClientException.class);
    client("other").ping(PEER, LIMIT);
  }

  private void startAnew(String more) throws Exception {
    services.close();
    platform.close();
    start(more);
  }

  @Test
  void whoMustBeOffDoesNotBeginWithThePlatform() throws Exception {
    start("containment: {}\n");
    containment().request("user", Trigger.POWER_OFF, "test");
    awaitOff();

    states.clear();
    startAnew("containment: {}\n");

    assertThat(states).contains("other is running").doesNotContain("user is running");
    assertThat(states)
        .anyMatch(state -> state.startsWith("user is failed: not booted: it must be"));
  }

  @Test
  void whatWasContainedStaysSoWithoutContainment_andThatIsSaid() throws Exception {
    start("containment: {}\n");
    containment().request("user", Trigger.CONTAIN, "a worm");

    startAnew("");

    assertThat(services.leftovers())
        .hasSize(1)
        .allMatch(line -> line.startsWith("partition user: nobody decides about containment any "))
        .allMatch(line -> line.contains("remediation (contained: a worm)"))
        .allMatch(line -> line.contains("have the management file say containment again"));
    events.await(
        EventType.PLATFORM_TROUBLE, event -> event.text().equals(services.leftovers().getFirst()));
    assertThatThrownBy(() -> client("user").ping(PEER, MOMENT)).isInstanceOf(ClientException.class);
    client("other").ping(PEER, LIMIT);

    startAnew("containment: {}\n");
    containment().request("user", Trigger.RELEASE, "it is well");
    startAnew("");
    assertThat(services.leftovers()).isEmpty();
    client("user").ping(PEER, LIMIT);
  }

  @Test
  void whoMustBeOffStaysOffWithoutContainment() throws Exception {
    start("containment: {}\n");
    containment().request("user", Trigger.POWER_OFF, "a worm");
    awaitOff();

    startAnew("");

    assertThatThrownBy(() -> platform.power(PowerAction.START, "user"))
        .hasMessageContaining("not booted: it must be off, since ");
    assertThat(services.leftovers()).hasSize(1);
  }

  private void awaitOff() throws InterruptedException {
    EventCollector.await(
        "user is off",
        () -> {
          try {
            return platform.partition("user").engine().state().is(Phase.OFF);
          } catch (VmmException e) {
            throw new AssertionError(e);
          }
        });
  }

  @Test
  void managementThatBeginsAnewFindsAllAsItWas() throws Exception {
    start("containment: {}\n");
    containment().request("user", Trigger.CONTAIN, "test");
    containment().request("user", Trigger.REMEDIATE, "test");
    services.close();
    begin();

    assertThat(state("user")).isEqualTo(ContainmentState.REMEDIATING);
    assertThat(state("other")).isEqualTo(ContainmentState.NORMAL);
    assertThatThrownBy(() -> client("user").ping(PEER, MOMENT)).isInstanceOf(ClientException.class);
    client("other").ping(PEER, LIMIT);
  }
}
