package dev.portcullis.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.memory.Fetched;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.qemu.guest.ExecResult;
import dev.portcullis.qemu.run.QemuProcess;
import dev.portcullis.spec.fault.FaultReason;
import dev.portcullis.unit.Statistics;
import dev.portcullis.vmm.console.Output.Guest;
import dev.portcullis.vmm.console.Seat;
import dev.portcullis.vmm.console.Wish;
import dev.portcullis.vmm.engine.ConsoleLog;
import dev.portcullis.vmm.engine.EngineException;
import dev.portcullis.vmm.engine.EngineState;
import dev.portcullis.vmm.engine.EngineState.Phase;
import dev.portcullis.vmm.engine.qemu.QemuEngine;
import dev.portcullis.vmm.fault.FaultEvent.Refused;
import dev.portcullis.vmm.platform.PlatformEvent;
import dev.portcullis.vmm.platform.RunningPartition;
import dev.portcullis.vmm.platform.RunningPlatform;
import dev.portcullis.vmm.platform.description.PlatformFile;
import dev.portcullis.vmm.software.Client;
import dev.portcullis.vmm.software.Client.ClientException;
import dev.portcullis.vmm.software.Client.DmaEnd;
import dev.portcullis.vmm.software.Client.Moved;
import dev.portcullis.vmm.software.linux.LinuxClient;
import dev.portcullis.vmm.software.linux.LinuxShell;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Partitions that are QEMU processes with Debian's kernel: windows of one memory, functions behind
/// one unit that the monitor drives. The guests see no unit.
class QemuPartitionsIT {
  private static final RequesterId NVME = RequesterId.parse("00:05.0");
  private static final RequesterId EDU = RequesterId.parse("00:06.0");
  private static final RequesterId BEHIND_A_PORT = RequesterId.parse("01:00.0");
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final Duration HOUR = Duration.ofHours(1);
  private static final int DISK_BYTES = 8 << 20;
  private static final int PAGE_BYTES = 4096;

  private static final String PLATFORM =
      """
      memory: 1G
      units: [{at: 00:04.0, preset: server-legacy}]
      devices:
        - {type: nvme, at: 00:05.0, size: 64M}
        - {type: edu, at: 00:06.0}
      partitions:
        - {name: one, engine: qemu, runs: client, memory: 256M, devices: [00:05.0]}
        - {name: other, engine: qemu, runs: client, memory: 256M, devices: [00:06.0]}
      """;

  private static final String CHECKSUM = "dd if=/dev/nvme0n1 bs=256k count=32 | sha256sum";

  @TempDir private Path folder;
  private final List<PlatformEvent> events = new CopyOnWriteArrayList<>();
  private final LinkedBlockingQueue<EngineState> states = new LinkedBlockingQueue<>();
  private RunningPlatform platform;
  private RunningPartition one;
  private RunningPartition other;
  private QemuEngine engine;

  @BeforeEach
  void start() throws Exception {
    platform =
        RunningPlatform.start(
            PlatformFile.parse("two.yaml", folder, PLATFORM), folder, events::add);
    one = platform.partition("one");
    other = platform.partition("other");
    engine = (QemuEngine) one.engine();
    engine.onChange(states::add);
  }

  @AfterEach
  void stop() {
    platform.close();
    assertThat(events).noneMatch(PlatformEvent.Trouble.class::isInstance);
  }

  private static Client client(RunningPartition partition) {
    return partition.client().orElseThrow();
  }

  private static String shell(RunningPartition partition, String commands) throws Exception {
    LinuxShell shell = ((LinuxClient) client(partition)).shell();
    ExecResult result = shell.run("set -e\n" + commands, Lab.BOOT);
    assertThat(result.succeeded()).as("%s → %s", commands, result).isTrue();
    return result.text();
  }

  private void awaitState(Phase phase) throws InterruptedException {
    EngineState next = states.poll(30, TimeUnit.SECONDS);
    while (next != null && !next.is(phase)) {
      next = states.poll(30, TimeUnit.SECONDS);
    }
    assertThat(next).as("the engine should become %s", phase).isNotNull();
  }

  private void assertOtherLives() throws Exception {
    assertThat(shell(other, "echo still here")).isEqualTo("still here");
    assertThat(other.engine().state()).isEqualTo(EngineState.of(Phase.RUNNING));
  }

  private long load(long hpa) {
    Fetched fetched = new Fetched();
    assertThat(platform.memory().map().fetch64(hpa, fetched)).isTrue();
    return fetched.lo;
  }

  private List<Refused> refusals() {
    platform.readFaults();
    return events.stream()
        .filter(PlatformEvent.Fault.class::isInstance)
        .map(event -> ((PlatformEvent.Fault) event).event())
        .filter(Refused.class::isInstance)
        .map(Refused.class::cast)
        .toList();
  }

  private static int interrupts(RunningPartition partition, String name) throws Exception {
    return Integer.parseInt(
        shell(
            partition,
            "awk '/%s/ {sum += $2} END {print sum + 0}' /proc/interrupts".formatted(name)));
  }

  @Test
  void stockDriversWorkThroughTheUnitWithoutKnowing() throws Exception {
    Moved moved = client(one).disk(DISK_BYTES, LIMIT);

    assertThat(moved.isEqual()).as("%s", moved).isTrue();
    assertThat(interrupts(one, "PCI-MSIX.*nvme0q")).isGreaterThan(DISK_BYTES / (256 << 10));
    Statistics unit = platform.unit().statistics();
    assertThat(unit.requests()).isGreaterThan(DISK_BYTES / PAGE_BYTES);
    assertThat(unit.faultsInAll()).isZero();
    assertThat(shell(one, "dmesg | grep -i dmar || true")).isEmpty();
    assertThat(client(one).functions()).contains(NVME).doesNotContain(EDU);
    assertThat(client(other).functions()).contains(EDU).doesNotContain(NVME);
    assertThat(platform.lvmm().breaches()).isEmpty();
    assertThat(refusals()).isEmpty();
  }

  @Test
  void diskGoesToTheOtherPartitionWithItsData() throws Exception {
    String sum = client(one).disk(DISK_BYTES, LIMIT).sent();
    other.engine().pause(LIMIT);

    platform.reassign(NVME, "other");
    other.engine().reset(LIMIT);

    assertThat(shell(other, CHECKSUM)).startsWith(sum);
    assertThat(client(other).functions()).contains(NVME, EDU);
    assertThat(shell(one, "echo still here")).isEqualTo("still here");
    assertThat(platform.lvmm().breaches()).isEmpty();

    engine.reset(LIMIT);
    assertThat(client(one).functions()).doesNotContain(NVME);
    platform.reassign(NVME, "one");
    engine.reset(LIMIT);
    assertThat(shell(one, CHECKSUM)).startsWith(sum);
    assertThat(refusals()).isEmpty();
  }

  @Test
  void runningLinuxFindsADiskThatItIsGivenAndGivesItBack() throws Exception {
    String sum = client(one).disk(1 << 20, LIMIT).sent();
    shell(other, "echo mine > /kept");

    platform.reassign(NVME, "other");
    for (int round = 0; round < 2; round++) {
      String found = "until [ -b /dev/nvme0n1 ]; do sleep 0.1; done; cat /kept";
      assertThat(shell(other, found)).isEqualTo("mine");
      assertThat(shell(other, "dd if=/dev/nvme0n1 bs=256k count=4 iflag=direct | sha256sum"))
          .startsWith(sum);
      assertThat(client(other).functions()).contains(BEHIND_A_PORT).doesNotContain(NVME);
      assertThat(interrupts(other, "PCI-MSIX.*nvme0q")).isPositive();

      platform.release(NVME);

      assertThat(shell(other, "ls /dev/nvme0n1 2>/dev/null || echo gone; cat /kept"))
          .isEqualTo("gone\nmine");
      assertThat(client(other).functions()).doesNotContain(BEHIND_A_PORT);
      assertThat(platform.lvmm().breaches()).isEmpty();
      platform.assign(NVME, "other");
    }
    other.engine().reset(LIMIT);
    assertThat(client(other).functions()).contains(NVME).doesNotContain(BEHIND_A_PORT);
    assertThat(refusals()).isEmpty();
  }

  @Test
  void strayDmaIsRefusedAndToldWhoseItIs() throws Exception {
    client(one).disk(1 << 20, LIMIT);
    // At the end of it, for what lies under 256 MiB leads to the attacker's own memory.
    long victim = one.partition().window().end() - PAGE_BYTES;
    long before = load(victim);

    assertThat(client(other).attack(EDU, victim, LIMIT)).isEqualTo(DmaEnd.REFUSED);
    assertThat(client(other).attack(EDU, platform.own().first(), LIMIT)).isEqualTo(DmaEnd.REFUSED);
    assertThat(client(other).attack(EDU, platform.firmware().first(), LIMIT))
        .isEqualTo(DmaEnd.REFUSED);

    assertThat(load(victim)).isEqualTo(before);
    assertThat(refusals())
        .hasSize(3)
        .allMatch(told -> told.partition().equals(Optional.of("other")))
        .allMatch(told -> told.function().equals(EDU))
        .extracting(told -> told.record().address())
        .containsExactly(victim, platform.own().first(), platform.firmware().first());
    assertThat(client(one).disk(1 << 20, LIMIT).isEqual()).isTrue();
  }

  @Test
  void forgedInterruptIsRefusedAndNeverArrives() throws Exception {
    client(one).disk(1 << 20, LIMIT);
    int before = interrupts(one, "nvme0q");
    long message =
        platform
            .lvmm()
            .assignments()
            .at(NVME)
            .orElseThrow()
            .interrupts()
            .orElseThrow()
            .message(0)
            .address();

    assertThat(client(other).attack(EDU, message, LIMIT)).isEqualTo(DmaEnd.REFUSED);
    assertThat(client(other).attack(EDU, 0xfee0_0000L, LIMIT)).isEqualTo(DmaEnd.REFUSED);

    assertThat(refusals())
        .extracting(told -> told.record().reason().orElseThrow())
        .containsExactly(FaultReason.SOURCE_NOT_VALID, FaultReason.COMPATIBILITY_FORMAT_BLOCKED);
    assertThat(interrupts(one, "nvme0q")).isEqualTo(before);
  }

  @Test
  void killedQemuIsAFailureOfItsOwnPartitionOnly() throws Exception {
    String sum = client(one).disk(DISK_BYTES, LIMIT).sent();
    QemuProcess process = engine.process().orElseThrow();

    assertThat(ProcessHandle.of(process.pid()).orElseThrow().destroyForcibly()).isTrue();

    awaitState(Phase.FAILED);
    assertThat(engine.state()).hasToString("failed: QEMU was killed by signal 9");
    assertThatThrownBy(() -> engine.pause(LIMIT)).isInstanceOf(EngineException.class);
    assertOtherLives();

    engine.start(LIMIT);
    assertThat(shell(one, CHECKSUM)).startsWith(sum);
    assertThat(refusals()).isEmpty();
  }

  @Test
  void hungQemuIsAFailureWithinTheLimitOfTheCall() throws Exception {
    shell(one, "true");
    long pid = engine.process().orElseThrow().pid();
    assertThat(new ProcessBuilder("kill", "-STOP", Long.toString(pid)).start().waitFor()).isZero();

    assertThatThrownBy(() -> engine.pause(Duration.ofSeconds(1)))
        .isInstanceOf(EngineException.class);

    assertThat(engine.state().phase()).isEqualTo(Phase.FAILED);
    assertThat(engine.state().reason().orElseThrow()).contains("QEMU did not send a reply to stop");
    assertThat(ProcessHandle.of(pid)).isEmpty();
    assertOtherLives();
  }

  @Test
  void guestIsPausedResumedResetHaltedAndPoweredDown() throws Exception {
    ConsoleLog log = engine.console().orElseThrow().log();
    shell(one, "touch /marker; (while sleep 0.1; do echo tick; done) >/dev/console 2>&1 &");
    engine.pause(LIMIT);
    assertThat(engine.state()).isEqualTo(EngineState.of(Phase.PAUSED));
    assertThatThrownBy(() -> engine.pause(LIMIT)).hasMessage("cannot pause: it is paused");
    assertOtherLives();
    long said = log.end();
    assertOtherLives();
    assertThat(log.end()).as("it stands still").isEqualTo(said);

    engine.resume(LIMIT);
    assertThat(log.await("tick", said, Lab.COMMAND)).isTrue();
    assertThat(shell(one, "ls /marker")).as("goes on where it was").isEqualTo("/marker");

    engine.reset(LIMIT);
    assertThat(shell(one, "ls / | grep -c marker || true")).as("begins anew").isEqualTo("0");
    assertThat(client(one).disk(1 << 20, LIMIT).isEqual()).isTrue();

    engine.halt("it was told to", LIMIT);
    assertThat(engine.state()).hasToString("halted: it was told to");
    assertThatThrownBy(() -> engine.resume(LIMIT)).isInstanceOf(EngineException.class);
    engine.reset(LIMIT);
    assertThat(shell(one, "echo back")).isEqualTo("back");

    assertThat(engine.powerDown(LIMIT)).isTrue();
    assertThat(engine.state()).isEqualTo(EngineState.of(Phase.OFF));
    assertThat(engine.process()).isEmpty();
    engine.start(LIMIT);
    assertThat(shell(one, "echo back")).isEqualTo("back");
    assertOtherLives();
  }

  /// Commands that write much, and do not end.
  private static FutureTask<ExecResult> endless(RunningPartition partition) {
    LinuxShell shell = ((LinuxClient) client(partition)).shell();
    FutureTask<ExecResult> task =
        new FutureTask<>(
            () -> shell.run("echo be''gun >/dev/console; yes | head -c 200000; sleep 1000", HOUR));
    Thread.ofPlatform().daemon().start(task);
    return task;
  }

  @Test
  void commandOfAGuestThatIsResetEndsAndTheNextOneRuns() throws Exception {
    ConsoleLog log = engine.console().orElseThrow().log();
    shell(one, "true");
    for (int round = 0; round < 2; round++) {
      long said = log.end();
      FutureTask<ExecResult> command = endless(one);
      assertThat(log.await("begun", said, Lab.COMMAND)).isTrue();

      engine.reset(LIMIT);

      assertThatThrownBy(() -> command.get(1, TimeUnit.MINUTES))
          .hasMessageContaining("the guest began anew");
      assertThat(shell(one, "echo back")).isEqualTo("back");
    }
    long said = log.end();
    FutureTask<ExecResult> command = endless(one);
    assertThat(log.await("begun", said, Lab.COMMAND)).isTrue();

    engine.halt("it was told to", LIMIT);

    assertThatThrownBy(() -> command.get(1, TimeUnit.MINUTES))
        .hasMessageContaining("the guest is halted: it was told to");
    engine.reset(LIMIT);
    assertThat(shell(one, "echo back")).isEqualTo("back");
    assertOtherLives();
  }

  /// Writes block after block, each with its number, and says so when the disk has it.
  private static String writing(int first) {
    return """
    n=%d
    while yes $n | head -c 4096 | dd of=/dev/nvme0n1 bs=4096 seek=$n oflag=direct conv=notrunc,fsync
    do
      echo written $n. >/dev/console
      n=$((n + 1))
    done 2>/dev/null
    """
        .formatted(first);
  }

  private static String checking(int count) {
    return """
    n=0
    while [ $n -lt %d ]; do
      is=$(dd if=/dev/nvme0n1 bs=4096 skip=$n count=1 iflag=direct 2>/dev/null | md5sum)
      [ "$is" = "$(yes $n | head -c 4096 | md5sum)" ] || echo block $n is lost
      n=$((n + 1))
    done
    """
        .formatted(count);
  }

  @Test
  void diskThatChangesHandsUnderLoadLosesNoAcknowledgedWrite() throws Exception {
    int written = 0;
    RunningPartition from = one;
    RunningPartition to = other;
    for (int change = 0; change < 2; change++) {
      ConsoleLog log = from.engine().console().orElseThrow().log();
      long said = log.end();
      LinuxShell writer = ((LinuxClient) client(from)).shell();
      int first = written;
      Thread.ofPlatform()
          .daemon()
          .start(() -> {
            try {
              writer.run(writing(first), HOUR);
            } catch (ClientException | InterruptedException e) {
              // The guest is reset below, if it does not give up by itself.
            }
          });
      assertThat(log.await("written %d.".formatted(first + 20), said, Lab.BOOT)).isTrue();

      platform.reassign(NVME, to.name());

      written = acknowledged(log);
      assertThat(written).isGreaterThan(first + 20);
      to.engine().reset(LIMIT);
      assertThat(shell(to, checking(written))).isEmpty();
      assertThat(platform.lvmm().breaches()).isEmpty();
      from.engine().reset(LIMIT);
      assertThat(client(from).functions()).doesNotContain(NVME);
      from = other;
      to = one;
    }
  }

  private static int acknowledged(ConsoleLog log) {
    return Pattern.compile("written ([0-9]+)\\.")
            .matcher(log.text())
            .results()
            .mapToInt(match -> Integer.parseInt(match.group(1)))
            .max()
            .orElse(-1)
        + 1;
  }

  @Test
  void panicHaltsTheGuestUntilItIsReset() throws Exception {
    shell(one, "(sleep 1; echo c > /proc/sysrq-trigger) >/dev/null 2>&1 &");

    awaitState(Phase.HALTED);

    assertThat(engine.state()).hasToString("halted: the guest panicked");
    assertThat(engine.console().orElseThrow().log().text()).contains("Kernel panic - not syncing");
    assertOtherLives();
    engine.reset(LIMIT);
    assertThat(shell(one, "echo back")).isEqualTo("back");
  }

  @Test
  void guestThatSwitchesItselfOffIsOffAndOneThatRestartsGoesOn() throws Exception {
    shell(one, "(sleep 1; reboot -f) >/dev/null 2>&1 &");
    long boot = engine.boots();
    ConsoleLog log = engine.console().orElseThrow().log();
    assertThat(log.await("Run /init", log.end(), Lab.BOOT)).isTrue();
    assertThat(engine.boots()).isGreaterThan(boot);
    assertThat(engine.state()).isEqualTo(EngineState.of(Phase.RUNNING));

    shell(one, "(sleep 1; poweroff -f) >/dev/null 2>&1 &");
    awaitState(Phase.OFF);
    assertThat(engine.state()).isEqualTo(EngineState.of(Phase.OFF));
  }

  @Test
  @Timeout(180)
  void aShellAnswersAtTheConsole_whoAttachesMissesNothing_andAGuestThatHangsHangsNobodyThere()
      throws Exception {
    try (Seat alice = platform.console("one").sit("alice", Wish.WRITE, 0)) {
      assertThat(readUntil("root@portcullis:~# ")).contains("Linux version");
      alice.type("echo sum $((40 + 2))\r");
      readUntil("\r\nsum 42\r\n");
      alice.type("sh -c 'echo up; sleep 1000'\r");
      readUntil("\r\nup\r\n");
      alice.type("\u0003");
      alice.type("echo code $?\r");
      readUntil("\r\ncode 130\r\n");

      engine.pause(LIMIT);
      String many = "x".repeat(32 << 10);
      assertThatThrownBy(() -> typeWithoutEnd(alice, many))
          .isInstanceOf(EngineException.class)
          .hasMessage("it does not read what was typed");
      assertThat(readUntil("code 130")).contains("sum 42");
      engine.kill();
      engine.start(LIMIT);
      shell(one, "echo mark > /dev/console");
      assertThat(readUntil("mark")).contains("sum 42", "code 130");
      assertOtherLives();
    }
  }

  private static void typeWithoutEnd(Seat seat, String keys) throws Exception {
    for (int i = 0; i < 1000; i++) {
      seat.type(keys);
    }
  }

  private String readUntil(String wanted) throws Exception {
    StringBuilder text = new StringBuilder();
    try (Seat seat = platform.console("one").sit("watcher", Wish.WATCH, 0)) {
      while (text.indexOf(wanted) < 0) {
        if (seat.next().orElseThrow() instanceof Guest guest) {
          text.append(new String(guest.bytes(), StandardCharsets.ISO_8859_1));
        }
      }
    }
    return text.toString();
  }
}
