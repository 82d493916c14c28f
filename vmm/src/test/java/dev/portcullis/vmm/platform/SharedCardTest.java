package dev.portcullis.vmm.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.portcullis.machine.chassis.Chassis;
import dev.portcullis.machine.description.MachineFileException;
import dev.portcullis.pci.PciFunction;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.vmm.VmmException;
import dev.portcullis.vmm.fault.FaultEvent;
import dev.portcullis.vmm.platform.Examiner.Outcome;
import dev.portcullis.vmm.platform.description.PlatformDescription.Step;
import dev.portcullis.vmm.platform.description.PlatformFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Partitions that share a network card, each with a virtual function of it.
class SharedCardTest {
  private static final String PLATFORM =
      """
      memory: 128M
      units: [{at: 00:01.0, profile: scalable}]
      devices:
        - {name: nic, type: virtio-net, at: 00:03.0, virtual-functions: 3}
      partitions:
        - {name: a, memory: 4M, runs: client, address: 10.9.0.2/24, devices: [nic-vf0]}
        - {name: b, memory: 4M, runs: client, address: 10.9.0.3/24, devices: [nic-vf1]}
      expect:
        - {does: ping, from: a, to: 10.9.0.1}
        - {does: ping, from: b, to: 10.9.0.1}
        - {does: ping, from: a, to: 10.9.0.3}
      """;

  private static final RequesterId FIRST = new RequesterId(0, 3, 1);
  private static final RequesterId SECOND = new RequesterId(0, 3, 2);
  private static final RequesterId SPARE = new RequesterId(0, 3, 3);
  private static final long PARTITION_BYTES = 4 << 20;
  private static final long DOORBELL = 0x3004;
  private static final int NEEDS_RESET = 0x40;

  @TempDir private Path folder;
  private final List<PlatformEvent> events = new CopyOnWriteArrayList<>();

  private RunningPlatform start() throws Exception {
    return RunningPlatform.start(
        PlatformFile.parse("test.yaml", folder, PLATFORM), folder, events::add);
  }

  private void assertAllHolds(RunningPlatform platform) throws Exception {
    assertThat(outcomes(platform)).hasSize(3).allMatch(Outcome::held);
  }

  private List<Outcome> outcomes(RunningPlatform platform) throws InterruptedException {
    Examiner examiner = new Examiner(platform, events);
    List<Outcome> outcomes = new ArrayList<>();
    for (Step step : platform.description().steps()) {
      outcomes.addAll(examiner.examine(step));
    }
    return outcomes;
  }

  /// A card that a partition gets back has to be found there first.
  private void awaitAllHolds(RunningPlatform platform) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    List<Outcome> outcomes = outcomes(platform);
    while (!outcomes.stream().allMatch(Outcome::held)) {
      assertThat(System.nanoTime()).as("%s", outcomes).isLessThan(deadline);
      outcomes = outcomes(platform);
    }
  }

  private static PciFunction function(RunningPlatform platform, RequesterId at) {
    return platform.chassis().slots().stream()
        .filter(slot -> slot.at().equals(at))
        .map(Chassis.Slot::function)
        .findFirst()
        .orElseThrow();
  }

  private static void await(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as(what).isLessThan(deadline);
      LockSupport.parkNanos(100_000);
    }
  }

  /// Has a card read its send queue at `address`.
  private static void sendFrom(PciFunction card, long address) {
    card.reset();
    card.writeConfig(4, 2, 4);
    card.writeBar(0, 0x14, 1, 3);
    card.writeBar(0, 0x08, 4, 1);
    card.writeBar(0, 0x0c, 4, 3);
    card.writeBar(0, 0x14, 1, 0x0b);
    card.writeBar(0, 0x16, 2, 1);
    card.writeBar(0, 0x18, 2, 16);
    card.writeBar(0, 0x20, 8, address);
    card.writeBar(0, 0x28, 8, address + 0x100);
    card.writeBar(0, 0x30, 8, address + 0x200);
    card.writeBar(0, 0x1c, 2, 1);
    card.writeBar(0, 0x14, 1, 0x0f);
    card.writeBar(0, DOORBELL, 2, 1);
  }

  @Test
  void eachReachesTheWireAndTheOther() throws Exception {
    try (RunningPlatform platform = start()) {
      assertAllHolds(platform);
      assertThat(platform.lvmm().breaches()).isEmpty();
    }
  }

  /// The last page of either partition's memory lies above all addresses that a partition has.
  @Test
  void neitherReachesTheOthersMemory_andTheResetOfOneLeavesTheOtherAtWork() throws Exception {
    try (RunningPlatform platform = start()) {
      assertAllHolds(platform);
      for (RequesterId at : List.of(FIRST, SECOND)) {
        RequesterId other = at.equals(FIRST) ? SECOND : FIRST;
        String victim = at.equals(FIRST) ? "b" : "a";
        long hpa = platform.partition(victim).partition().window().first() + PARTITION_BYTES - 4096;
        assertThat(hpa).isGreaterThanOrEqualTo(PARTITION_BYTES);
        PciFunction card = function(platform, at);
        sendFrom(card, hpa);
        await("blocked", () -> (card.readBar(0, 0x14, 1) & NEEDS_RESET) != 0);
        await("told", () -> hasFault(platform, at));
        assertThat(function(platform, other).readBar(0, 0x14, 1) & NEEDS_RESET).isZero();
        platform.reassign(at, at.equals(FIRST) ? "a" : "b");
        awaitAllHolds(platform);
      }
    }
  }

  private boolean hasFault(RunningPlatform platform, RequesterId at) {
    platform.readFaults();
    return events.stream()
        .filter(PlatformEvent.Fault.class::isInstance)
        .map(event -> ((PlatformEvent.Fault) event).event())
        .anyMatch(
            fault -> fault instanceof FaultEvent.Refused refused && refused.function().equals(at));
  }

  @Test
  void oneThatBelongsToNobodyReachesNothing() throws Exception {
    try (RunningPlatform platform = start()) {
      PciFunction spare = function(platform, SPARE);
      sendFrom(spare, platform.partition("a").partition().window().first());
      await("blocked", () -> (spare.readBar(0, 0x14, 1) & NEEDS_RESET) != 0);
      platform.assign(SPARE, "b");
      assertThat(platform.lvmm().breaches()).isEmpty();
    }
  }

  @Test
  void thePhysicalFunctionStaysWithTheMonitor() throws Exception {
    try (RunningPlatform platform = start()) {
      var refused =
          catchThrowableOfType(
              VmmException.class, () -> platform.assign(new RequesterId(0, 3, 0), "a"));
      assertThat(refused).hasMessageContaining("stays with the monitor");
    }
    var wrong =
        catchThrowableOfType(
            MachineFileException.class,
            () -> PlatformFile.parse("test.yaml", folder, PLATFORM.replace("[nic-vf1]", "[nic]")));
    assertThat(wrong)
        .hasMessageStartingWith("test.yaml:7: partitions[1].devices[0]: \"nic\" has virtual");
  }
}
