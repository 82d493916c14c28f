package dev.portcullis.management.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.management.EventCollector;
import dev.portcullis.management.health.CheckResult.Outcome;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.spec.register.GlobalRegisters;
import dev.portcullis.vmm.event.EventType;
import dev.portcullis.vmm.platform.PowerAction;
import dev.portcullis.vmm.platform.RunningPlatform;
import dev.portcullis.vmm.platform.boot.BootGate;
import dev.portcullis.vmm.platform.description.PlatformFile;
import dev.portcullis.vmm.software.Client;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A running platform is looked at, whatever its partitions are doing.
class DiagnosisTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final long RATE = 1L << 40;

  @TempDir private Path folder;
  private final EventCollector events = new EventCollector();
  private RunningPlatform platform;
  private Diagnosis diagnosis;

  private void start(String profile) throws Exception {
    Path disk = folder.resolve("disk.img");
    try (RandomAccessFile file = new RandomAccessFile(disk.toFile(), "rw")) {
      file.setLength(16 << 20);
    }
    String yaml =
        """
        memory: 128M
        units: [{at: 00:01.0, profile: %s}]
        devices:
          - {name: disk, type: nvme, at: 00:04.0, file: disk.img}
          - {name: rogue, type: edu, at: 00:05.0}
        partitions:
          - {name: user, memory: 16M, runs: client, devices: [disk, rogue]}
        faults:
          - {name: any fault reboots, do: [reboot-platform]}
        """
            .formatted(profile);
    platform =
        RunningPlatform.start(
            PlatformFile.parse("test.yaml", folder, yaml), folder, event -> {}, BootGate.OPEN);
    platform.events().add(events);
    diagnosis = new Diagnosis(platform, Optional.empty());
  }

  @AfterEach
  void stop() {
    platform.close();
  }

  private List<CheckResult> run(Check... checks) throws Exception {
    Set<Check> some = EnumSet.copyOf(List.of(checks));
    return diagnosis.run(some, RATE, DiagnosisProgress.NONE).results();
  }

  private static CheckResult of(String subject, List<CheckResult> results) {
    return results.stream().filter(one -> one.subject().equals(subject)).findFirst().orElseThrow();
  }

  @ParameterizedTest
  @ValueSource(strings = {"scalable", "server-legacy", "client-39bit", "aggressive-caching"})
  void unitThatIsWellPassesEveryStep(String profile) throws Exception {
    start(profile);

    List<CheckResult> results = run(Check.UNIT);

    assertThat(results).extracting(CheckResult::outcome).containsOnly(Outcome.PASSED);
    assertThat(results)
        .extracting(CheckResult::subject)
        .containsExactly(
            "translation",
            "invalidation",
            "no right to write",
            "not mapped",
            "large page",
            "nothing attached",
            "interrupt",
            "interrupt of another",
            "interrupt without entry",
            "set up");
  }

  @Test
  void faultsThatAreProvokedAreNobodysBusiness() throws Exception {
    start("scalable");
    long blocked = platform.chassis().blocked().count();
    List<?> before = platform.lvmm().physical().portions();

    run(Check.UNIT, Check.MEMORY);
    platform.readFaults();

    assertThat(platform.chassis().blocked().count()).isEqualTo(blocked);
    assertThat(events.of(EventType.FAULT_REFUSED)).isEmpty();
    assertThat(events.of(EventType.RULE_ACTION)).isEmpty();
    assertThat(platform.lvmm().physical().portions()).isEqualTo(before);
    assertThat(platform.lvmm().breaches()).isEmpty();
  }

  @Test
  void unitThatTranslatesNoMoreIsFound() throws Exception {
    start("scalable");
    platform.unit().writeRegister(GlobalRegisters.GCMD.offset(), 4, GlobalRegisters.QIE.mask());

    List<CheckResult> results = run(Check.UNIT);

    assertThat(of("translation", results).outcome()).isEqualTo(Outcome.FAILED);
    assertThat(of("interrupt", results).outcome()).isEqualTo(Outcome.FAILED);
    assertThat(events.await(EventType.HEALTH_CHECK, one -> one.text().startsWith("unit, transl")))
        .extracting(one -> one.data().get("outcome"))
        .isEqualTo("failed");
    assertThat(diagnosis.last().orElseThrow().isPassed()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"scalable", "server-legacy", "client-39bit"})
  void requestsOfFunctionsComeBackAndTheirPartitionNoticesNothing(String profile) throws Exception {
    start(profile);
    assertThat(client().disk(1 << 20, LIMIT).isEqual()).isTrue();
    List<?> ledger = platform.lvmm().physical().portions();
    List<?> map = platform.partition("user").partition().map().mappings();

    List<CheckResult> results = run(Check.DMA);

    assertThat(of("disk", results).outcome()).isEqualTo(Outcome.PASSED);
    assertThat(platform.lvmm().physical().portions()).isEqualTo(ledger);
    assertThat(platform.partition("user").partition().map().mappings()).isEqualTo(map);
    assertThat(client().disk(1 << 20, LIMIT).isEqual()).isTrue();
    assertThat(platform.chassis().blocked().count()).isZero();
  }

  @Test
  void stateOfThePartitionDoesNotMatter() throws Exception {
    start("scalable");
    client().disk(1 << 20, LIMIT);
    platform.power(PowerAction.PAUSE, "user");
    assertThat(of("disk", run(Check.DMA)).outcome()).isEqualTo(Outcome.PASSED);
    assertThat(of("disk", run(Check.DISK)).outcome()).isEqualTo(Outcome.PASSED);

    platform.power(PowerAction.KILL, "user");
    assertThat(run(Check.values())).noneMatch(CheckResult::isFailed);
  }

  @Test
  void functionThatNobodyLetsOutIsLeftAlone() throws Exception {
    start("scalable");
    platform.partition("user").engine().kill();
    RequesterId disk = RequesterId.parse("00:04.0");
    platform.lvmm().assignments().at(disk).orElseThrow().function().reset();

    assertThat(of("disk", run(Check.DMA)))
        .extracting(CheckResult::outcome, CheckResult::text)
        .containsExactly(
            Outcome.SKIPPED, "its software has not made it a bus master: no request leaves it");

    platform.lvmm().assignments().quarantine(disk, "user");
    assertThat(of("disk", run(Check.DMA)).text())
        .isEqualTo("it was stopped: it has to reach nothing");
  }

  @Test
  void functionThatReachesNothingIsFound() throws Exception {
    start("scalable");
    client().disk(1 << 20, LIMIT);
    platform.lvmm().assignments().at(RequesterId.parse("00:04.0")).orElseThrow().device().detach();

    assertThat(of("disk", run(Check.DMA)))
        .extracting(CheckResult::outcome, CheckResult::text)
        .containsExactly(
            Outcome.FAILED, "its request to a mapped page ended with UNSUPPORTED_REQUEST");
  }

  @Test
  void blocksThatCannotBeReadAreNamed() throws Exception {
    start("scalable");
    assertThat(of("disk", run(Check.DISK)).text()).isEqualTo("all of 16 MiB can be read");

    try (RandomAccessFile file = new RandomAccessFile(folder.resolve("disk.img").toFile(), "rw")) {
      file.setLength((16 << 20) - 3 * 4096);
    }
    assertThat(of("disk", run(Check.DISK)))
        .extracting(CheckResult::outcome, CheckResult::text)
        .containsExactly(
            Outcome.FAILED,
            "3 blocks of 4 KiB cannot be read: 4093-4095 (the disk file was cut at 16764928)");
    assertThat(of("disk", run(Check.DISK)).isFailed()).isTrue();
  }

  @Test
  void askedThroughTheControlSocketItTellsHowFarItIs() throws Exception {
    start("scalable");
    List<Map<String, Object>> news = new ArrayList<>();
    DiagnoseVerb verb = new DiagnoseVerb(diagnosis);

    Map<String, Object> answer = verb.answer(Map.of("only", "memory,disk"), news::add);

    assertThat(news).extracting(one -> one.get("step")).contains("memory", "disk disk");
    assertThat(answer.get("results").toString()).contains("free memory", "all of 16 MiB");
    assertThatThrownBy(() -> verb.answer(Map.of("only", "unit,everything"), news::add))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("\"everything\" is none of unit, dma, memory, disk");
    assertThatThrownBy(() -> verb.answer(Map.of("rate", "-1"), news::add))
        .hasMessage("\"-1\" is no rate");
  }

  @Test
  void whoeverLooksAtFunctionsAtTheSameTimeWaits() throws Exception {
    start("scalable");
    client().disk(1 << 20, LIMIT);
    List<CompletableFuture<List<CheckResult>>> looks = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      looks.add(CompletableFuture.supplyAsync(() -> new LoopbackCheck(platform, at -> true).run()));
    }

    for (CompletableFuture<List<CheckResult>> look : looks) {
      assertThat(of("disk", look.get()).outcome()).isEqualTo(Outcome.PASSED);
    }
  }

  @Test
  void onlyOneIsUnderWay() throws Exception {
    start("scalable");
    List<String> refusals = new ArrayList<>();

    diagnosis.run(
        EnumSet.of(Check.UNIT),
        RATE,
        (step, fraction) -> {
          try {
            diagnosis.run(EnumSet.of(Check.UNIT), RATE, DiagnosisProgress.NONE);
          } catch (IllegalStateException | InterruptedException refused) {
            refusals.add(refused.getMessage());
          }
        });

    assertThat(refusals).containsOnly("a diagnosis is under way already").isNotEmpty();
  }

  private Client client() throws Exception {
    return platform.partition("user").client().orElseThrow();
  }
}
