package dev.portcullis.management.integrity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.management.EventCollector;
import dev.portcullis.management.integrity.IntegrityDescription.Watched;
import dev.portcullis.memory.Fetched;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.vmm.event.Event;
import dev.portcullis.vmm.event.EventType;
import dev.portcullis.vmm.event.Severity;
import dev.portcullis.vmm.memory.PageRange;
import dev.portcullis.vmm.partition.Guard;
import dev.portcullis.vmm.partition.Partition;
import dev.portcullis.vmm.platform.PowerAction;
import dev.portcullis.vmm.platform.RunningPlatform;
import dev.portcullis.vmm.platform.boot.BootDecision;
import dev.portcullis.vmm.platform.boot.BootGate;
import dev.portcullis.vmm.platform.description.PlatformFile;
import dev.portcullis.vmm.software.Client;
import dev.portcullis.vmm.software.Client.DmaEnd;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Memory of an embedded partition is looked at from outside.
class IntegrityAgentsTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final long TEXT = 12L << 20;
  private static final long PAGE = PageRange.PAGE_BYTES;
  private static final RequesterId ROGUE = RequesterId.parse("00:05.0");
  private static final WatchedRange RANGE = range(16);

  private static final String PLATFORM =
      """
      memory: 128M
      units: [{at: 00:01.0, profile: scalable}]
      devices:
        - {name: disk, type: nvme, at: 00:04.0, size: 16M}
        - {name: rogue, type: edu, at: 00:05.0}
      partitions:
        - {name: user, memory: 16M, runs: client, devices: [disk, rogue]}
      """;

  @TempDir private Path folder;
  private final EventCollector events = new EventCollector();
  private final List<Finding> findings = new CopyOnWriteArrayList<>();
  private RunningPlatform platform;
  private IntegrityAgents agents;
  private Partition user;

  private static WatchedRange range(long pages) {
    return new WatchedRange("kernel text", new PageRange(TEXT, pages * PAGE), Optional.empty());
  }

  private void start(Guard guard, WatchedRange... ranges) throws Exception {
    start(BootGate.OPEN, guard, ranges);
  }

  private void start(BootGate gate, Guard guard, WatchedRange... ranges) throws Exception {
    platform =
        RunningPlatform.start(
            PlatformFile.parse("test.yaml", folder, PLATFORM), folder, event -> {}, gate);
    platform.events().add(events);
    user = platform.partition("user").partition();
    agents =
        IntegrityAgents.start(
            new IntegrityDescription(50, List.of(new Watched("user", guard, List.of(ranges)))),
            platform,
            List.of(findings::add));
  }

  @AfterEach
  void stop() {
    agents.close();
    platform.close();
  }

  private Client client() throws Exception {
    return platform.partition("user").client().orElseThrow();
  }

  private long load(long gpa) {
    Fetched word = new Fetched();
    assertThat(platform.memory().map().fetch64(user.map().hpa(gpa).orElseThrow(), word)).isTrue();
    return word.lo;
  }

  private Event violation(long gpa) throws InterruptedException {
    String address = "%#x".formatted(gpa);
    return events.await(
        EventType.INTEGRITY_VIOLATION, event -> address.equals(event.data().get("address")));
  }

  private void awaitRotations(long more) throws InterruptedException {
    long wanted = agents.status().getFirst().rotations() + more;
    EventCollector.await("rotations", () -> agents.status().getFirst().rotations() >= wanted);
  }

  @Test
  void aProcessorsWriteIsFoundByHash() throws Exception {
    start(Guard.DEVICES, RANGE);
    awaitRotations(2);
    assertThat(findings).isEmpty();

    assertThat(user.processors().store(TEXT + 3 * PAGE + 0x7f8, 8, 0xcc)).isTrue();

    Event found = violation(TEXT + 3 * PAGE);
    assertThat(found.severity()).isEqualTo(Severity.ALERT);
    assertThat(found.subject().partition()).contains("user");
    assertThat(found.data()).containsEntry("range", "kernel text");
    assertThat(found.data().get("expected").toString()).hasSize(64);
    assertThat(found.data().get("found").toString())
        .hasSize(64)
        .isNotEqualTo(found.data().get("expected"));
    awaitRotations(3);
    assertThat(findings).as("told once").hasSize(1);
  }

  @Test
  void aDevicesWriteIsBlockedAndNamed() throws Exception {
    start(Guard.DEVICES, RANGE);

    assertThat(client().attack(ROGUE, TEXT + PAGE + 8, LIMIT)).isEqualTo(DmaEnd.REFUSED);

    Event denied = events.await(EventType.INTEGRITY_DENIED, event -> true);
    assertThat(denied.subject().partition()).contains("user");
    assertThat(denied.subject().function()).contains(ROGUE);
    assertThat(denied.data())
        .containsEntry("range", "kernel text")
        .containsEntry("address", "%#x".formatted(TEXT + PAGE));
    assertThat(load(TEXT + PAGE + 8)).isZero();
    assertThat(client().attack(ROGUE, TEXT - 8, LIMIT)).isEqualTo(DmaEnd.DONE);
    assertThat(client().disk(1 << 20, LIMIT).isEqual()).as("its own work goes on").isTrue();
    awaitRotations(2);
    assertThat(findings).extracting(Finding::kind).containsOnly(Finding.Kind.DENIED);
  }

  @Test
  void aProcessorIsKeptFromWritingWhereThatIsAsked() throws Exception {
    start(Guard.EVERYBODY, RANGE);

    assertThat(user.processors().store(TEXT + 0x18, 8, 1)).isFalse();

    Event denied = events.await(EventType.INTEGRITY_DENIED, event -> true);
    assertThat(denied.text())
        .isEqualTo("a processor of partition user was kept from writing to 0xc00018");
    assertThat(load(TEXT + 0x18)).isZero();
  }

  @Test
  void aDeviceThatTheMonitorPlaysIsKeptOutAsWell() throws Exception {
    start(Guard.DEVICES, RANGE);

    assertThat(user.played().store(TEXT + 0x20, 8, 1)).isFalse();

    Event denied = events.await(EventType.INTEGRITY_DENIED, event -> true);
    assertThat(denied.text()).contains("a device that the monitor plays", "0xc00020");
    assertThat(load(TEXT + 0x20)).isZero();
  }

  @Test
  void whatMustBeIsHeldAgainstWhatIs() throws Exception {
    String zeroes = "ad7facb2586fc6e966c004d7d1d16b024f5805ff7cb47c7a85dabd8b48892ca7";
    start(
        Guard.DEVICES,
        new WatchedRange("right", new PageRange(TEXT, PAGE), Optional.of(zeroes)),
        new WatchedRange("wrong", new PageRange(TEXT + PAGE, PAGE), Optional.of("00".repeat(32))));

    Event found = violation(TEXT + PAGE);
    assertThat(found.data())
        .containsEntry("range", "wrong")
        .containsEntry("expected", "00".repeat(32))
        .containsEntry("found", zeroes);
    awaitRotations(2);
    assertThat(findings).hasSize(1);
  }

  @Test
  void aPartitionThatTakesAllItCanStarvesNobody() throws Exception {
    start(Guard.DEVICES, RANGE);
    List<Thread> spinning = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      spinning.add(Thread.ofPlatform().daemon().start(this::spin));
    }
    byte[] full = new byte[(int) TEXT];
    Arrays.fill(full, (byte) 0xff);
    assertThat(user.processors().write(1 << 20, MemorySegment.ofArray(full), 0, TEXT - (1 << 20)))
        .isTrue();

    user.processors().store(TEXT, 8, 1);

    assertThat(violation(TEXT).subject().partition()).contains("user");
    spinning.forEach(Thread::interrupt);
  }

  private void spin() {
    long seen = 0;
    while (!Thread.currentThread().isInterrupted()) {
      seen += user.processors().load(seen & 0xf8, 8);
    }
  }

  @Test
  void aPartitionThatStandsStillOrIsOffIsLookedAt() throws Exception {
    start(Guard.DEVICES, RANGE);
    platform.power(PowerAction.PAUSE, "user");
    user.processors().store(TEXT, 8, 1);
    violation(TEXT);

    platform.power(PowerAction.RESUME, "user");
    platform.power(PowerAction.KILL, "user");
    user.processors().store(TEXT + PAGE, 8, 1);
    violation(TEXT + PAGE);
  }

  @Test
  void aResetMakesNothingRightThatWasWrong() throws Exception {
    start(Guard.DEVICES, RANGE);
    user.processors().store(TEXT, 8, 1);
    Object expected = violation(TEXT).data().get("expected");

    platform.power(PowerAction.RESET, "user");
    assertThat(client().attack(ROGUE, TEXT + PAGE, LIMIT)).isEqualTo(DmaEnd.REFUSED);
    user.processors().store(TEXT, 8, 2);

    EventCollector.await(
        "another violation", () -> events.of(EventType.INTEGRITY_VIOLATION).size() == 2);
    assertThat(events.of(EventType.INTEGRITY_VIOLATION))
        .allMatch(event -> event.data().get("expected").equals(expected));
  }

  @Test
  void whatAnAdmittedStartLeavesThereIsRight() throws Exception {
    BootGate gate = material -> BootDecision.admitted("as it should be", Map.of());
    start(gate, Guard.DEVICES, RANGE);
    user.processors().store(TEXT, 8, 1);
    violation(TEXT);
    EventCollector watched = new EventCollector();

    platform.power(PowerAction.RESET, "user");
    EventCollector.await(
        "devices are kept out", () -> !user.map().at(TEXT).orElseThrow().isWritableByDevices());
    platform.events().add(watched);
    awaitRotations(2);
    assertThat(watched.of(EventType.INTEGRITY_VIOLATION)).isEmpty();

    user.processors().store(TEXT, 8, 0);
    watched.await(EventType.INTEGRITY_VIOLATION, event -> true);
  }

  @Test
  void whoChangesEverythingAllTheTimeIsToldOfWithMeasure() throws Exception {
    start(Guard.DEVICES, range(512));
    awaitRotations(1);
    long before = agents.status().getFirst().rotations();
    for (int round = 1; round <= 3; round++) {
      for (long page = 0; page < 512; page++) {
        user.processors().store(TEXT + page * PAGE, 8, round);
      }
      awaitRotations(2);
    }
    EventCollector.await("all were found", () -> agents.status().getFirst().changes() >= 3 * 512);
    awaitRotations(1);
    long rotations = agents.status().getFirst().rotations() - before + 1;
    assertThat(findings.size())
        .isLessThanOrEqualTo((int) rotations * (PartitionWatch.MOST_TOLD + 1));
    assertThat(findings).anyMatch(finding -> finding.text().contains("more findings"));
  }

  @Test
  void devicesMayWriteAgainWhenTheAgentsHaveEnded() throws Exception {
    start(Guard.DEVICES, RANGE);
    agents.close();
    assertThat(client().attack(ROGUE, TEXT, LIMIT)).isEqualTo(DmaEnd.DONE);
  }
}
