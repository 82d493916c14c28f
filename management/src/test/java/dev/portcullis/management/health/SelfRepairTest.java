package dev.portcullis.management.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.management.EventCollector;
import dev.portcullis.management.boot.VerifiedBoot;
import dev.portcullis.management.recovery.Recovery;
import dev.portcullis.management.state.StateStore;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.vmm.assign.Assignment;
import dev.portcullis.vmm.engine.EngineState;
import dev.portcullis.vmm.engine.EngineState.Phase;
import dev.portcullis.vmm.event.EventType;
import dev.portcullis.vmm.event.Severity;
import dev.portcullis.vmm.fault.Actions;
import dev.portcullis.vmm.platform.PowerAction;
import dev.portcullis.vmm.platform.RunningPlatform;
import dev.portcullis.vmm.platform.boot.BootGate;
import dev.portcullis.vmm.platform.description.PlatformFile;
import dev.portcullis.vmm.software.Client;
import dev.portcullis.vmm.software.Client.ClientException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is ill is repaired, so often and no more.
class SelfRepairTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final Duration SOON = Duration.ofMillis(20);
  private static final RequesterId DISK = RequesterId.parse("00:04.0");

  @TempDir private Path folder;
  private final EventCollector events = new EventCollector();
  private final Set<String> held = ConcurrentHashMap.newKeySet();
  private Path image;
  private RunningPlatform platform;
  private SelfRepair repair;

  private void start(RepairRule... rules) throws Exception {
    image = Files.write(folder.resolve("image"), new byte[4096]);
    String yaml =
        """
        memory: 128M
        units: [{at: 00:01.0, profile: scalable}]
        devices:
          - {name: disk, type: nvme, at: 00:04.0, size: 16M}
        partitions:
          - {name: user, memory: 16M, runs: client, devices: [disk], image: {file: image, at: 12M}}
          - {name: other, memory: 16M, runs: client}
        """;
    platform =
        RunningPlatform.start(
            PlatformFile.parse("test.yaml", folder, yaml), folder, event -> {}, BootGate.OPEN);
    platform.events().add(events);
    StateStore state = StateStore.open(folder.resolve("state"));
    VerifiedBoot boot =
        new VerifiedBoot(
            Optional.empty(), state, folder.resolve("eventlogs"), InstantSource.system());
    repair =
        SelfRepair.start(
            new HealthDescription(SOON, List.of(rules)),
            platform,
            Recovery.start(platform, boot, state),
            held::contains);
  }

  @AfterEach
  void stop() {
    repair.close();
    platform.close();
  }

  private static RepairRule rule(Symptom when, String subject, RepairStep... steps) {
    return new RepairRule(
        when, List.of(subject), List.of(steps), List.of(), 3, SOON, Duration.ofHours(1));
  }

  private void breakUser() throws Exception {
    Files.delete(image);
    Assertions.assertThatThrownBy(() -> platform.power(PowerAction.RESET, "user"))
        .hasMessageContaining("there is no file");
  }

  private EngineState state(String partition) throws Exception {
    return platform.partition(partition).engine().state();
  }

  private Client client() throws Exception {
    return platform.partition("user").client().orElseThrow();
  }

  @Test
  void partitionThatFailedIsRestarted() throws Exception {
    start(rule(Symptom.PARTITION_FAILED, "user", RepairStep.RESTART));
    breakUser();
    Files.write(image, new byte[4096]);

    events.await(EventType.HEALTH_REPAIR, one -> "done".equals(one.data().get("outcome")));

    assertThat(state("user").phase()).isEqualTo(Phase.RUNNING);
    assertThat(client().disk(1 << 20, LIMIT).isEqual()).isTrue();
  }

  @Test
  void afterSoManyAttemptsItIsLeftAndToldOnce() throws Exception {
    start(rule(Symptom.PARTITION_FAILED, "user", RepairStep.RESTART));
    breakUser();

    assertThat(events.await(EventType.HEALTH_REPAIR, one -> one.severity() == Severity.CRITICAL))
        .satisfies(one -> assertThat(one.text()).contains("3 attempts did not help"));

    Files.write(image, new byte[4096]);
    repair.close();
    assertThat(events.of(EventType.HEALTH_REPAIR))
        .extracting(one -> one.data().get("outcome"))
        .containsExactly("failed", "failed", "failed", "given-up");
    assertThat(state("user").phase()).isEqualTo(Phase.FAILED);
    assertThat(state("other").phase()).isEqualTo(Phase.RUNNING);
  }

  @Test
  void functionThatHasFailedIsResetAndWorksAgain() throws Exception {
    start(rule(Symptom.FUNCTION_FAILED, "disk", RepairStep.RESET_FUNCTION, RepairStep.RESTART));
    assertThat(client().disk(1 << 20, LIMIT).isEqual()).isTrue();
    held.add("user");
    Assignment disk = platform.lvmm().assignments().at(DISK).orElseThrow();
    disk.device().detach();
    Assertions.assertThatThrownBy(() -> client().disk(1 << 20, LIMIT))
        .isInstanceOf(ClientException.class);
    disk.device().attach(disk.partition().domain());
    assertThat(events.of(EventType.HEALTH_REPAIR)).isEmpty();

    held.clear();
    events.await(EventType.HEALTH_REPAIR, one -> "restart".equals(one.data().get("step")));

    assertThat(events.of(EventType.HEALTH_REPAIR))
        .extracting(one -> one.text())
        .containsExactly(
            "disk: it says that it has failed, and needs a reset; reset-function, attempt 1 of 3",
            "disk: it says that it has failed, and needs a reset; restart, attempt 1 of 3");
    assertThat(client().disk(1 << 20, LIMIT).isEqual()).isTrue();
  }

  @Test
  void whatSomebodyElseHasDecidedStays() throws Exception {
    start(
        rule(Symptom.PARTITION_FAILED, "user", RepairStep.RESTART),
        rule(Symptom.FUNCTION_FAILED, "disk", RepairStep.RESET_FUNCTION),
        rule(Symptom.PARTITION_FAILED, "other", RepairStep.RESTART));
    platform.partition("user").engine().halt(Actions.HALTED_BY_RULE, LIMIT);
    platform.lvmm().assignments().quarantine(DISK, "user");
    platform.power(PowerAction.KILL, "other");
    repair.lookNow();

    assertThat(events.of(EventType.HEALTH_REPAIR)).isEmpty();
    assertThat(state("user").phase()).isEqualTo(Phase.HALTED);
    assertThat(state("other").phase()).isEqualTo(Phase.OFF);
    assertThat(platform.isStopped(DISK)).isTrue();
  }
}
