package dev.portcullis.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.net.packet.Ipv4Address;
import dev.portcullis.pci.RequesterId;
import dev.portcullis.qemu.guest.ExecResult;
import dev.portcullis.vmm.platform.PlatformEvent;
import dev.portcullis.vmm.platform.RunningPartition;
import dev.portcullis.vmm.platform.RunningPlatform;
import dev.portcullis.vmm.platform.description.PlatformFile;
import dev.portcullis.vmm.software.Client;
import dev.portcullis.vmm.software.linux.LinuxClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Linuxes in QEMU and an embedded partition share a network card, each with a virtual function of
/// it. Linux sees a whole network card, and uses the driver that it has for such.
class QemuSharedCardIT {
  private static final RequesterId LINUX_FUNCTION = RequesterId.parse("00:03.1");
  private static final RequesterId JAVA_FUNCTION = RequesterId.parse("00:03.2");
  private static final RequesterId SEEN_AT = RequesterId.parse("00:1e.0");
  private static final Ipv4Address PEER = Ipv4Address.parse("10.9.0.1");
  private static final Ipv4Address LINUX = Ipv4Address.parse("10.9.0.2");
  private static final Ipv4Address JAVA = Ipv4Address.parse("10.9.0.3");
  private static final Ipv4Address SECOND = Ipv4Address.parse("10.9.0.4");
  private static final Duration LIMIT = Duration.ofMinutes(5);

  private static final String PLATFORM =
      """
      memory: 768M
      units: [{at: 00:01.0, profile: scalable}]
      devices:
        - {name: nic, type: virtio-net, at: 00:03.0, virtual-functions: 3}
      partitions:
        - {name: linux, engine: qemu, memory: 192M, runs: client,
           address: 10.9.0.2/24, devices: [nic-vf0]}
        - {name: java, memory: 16M, runs: client, address: 10.9.0.3/24, devices: [nic-vf1]}
      """;

  private static final String ANOTHER =
      """
        - {name: second, engine: qemu, memory: 192M, runs: client,
           address: 10.9.0.4/24, devices: [nic-vf2]}
      """;

  @TempDir private Path folder;
  private final List<PlatformEvent> events = new CopyOnWriteArrayList<>();
  private RunningPlatform platform;
  private RunningPartition linux;
  private RunningPartition java;

  private void start(String yaml) throws Exception {
    platform =
        RunningPlatform.start(PlatformFile.parse("shared.yaml", folder, yaml), folder, events::add);
    linux = platform.partition("linux");
    java = platform.partition("java");
  }

  @AfterEach
  void stop() {
    platform.close();
    assertThat(events).noneMatch(PlatformEvent.Trouble.class::isInstance);
  }

  private static Client client(RunningPartition partition) {
    return partition.client().orElseThrow();
  }

  private String shell(String commands) throws Exception {
    LinuxClient client = (LinuxClient) client(linux);
    ExecResult result = client.shell().run("set -e\n" + commands, Lab.BOOT);
    assertThat(result.succeeded()).as("%s → %s", commands, result).isTrue();
    return result.text();
  }

  private long interrupts() throws Exception {
    return Long.parseLong(
        shell(
            "awk '/PCI-MSIX.*virtio0-(in|out)put/ {sum += $2} END {print sum + 0}'"
                + " /proc/interrupts"));
  }

  private void assertNothingWasRefused() {
    platform.readFaults();
    assertThat(events).noneMatch(PlatformEvent.Fault.class::isInstance);
    assertThat(platform.lvmm().breaches()).isEmpty();
  }

  @Test
  void stockDriverUsesAVirtualFunctionThroughTheSwitchOfTheCard() throws Exception {
    start(PLATFORM);
    client(linux).ping(PEER, LIMIT);
    client(linux).ping(JAVA, LIMIT);
    client(java).ping(LINUX, LIMIT);
    assertThat(client(linux).transfer(PEER, 4 << 20, LIMIT).isEqual()).isTrue();

    assertThat(client(linux).functions()).contains(SEEN_AT);
    String function = "/sys/bus/pci/devices/0000:" + SEEN_AT;
    assertThat(shell("cat %s/vendor %s/device".formatted(function, function)))
        .isEqualTo("0x1af4\n0x1041");
    assertThat(shell("basename $(readlink %s/driver)".formatted(function))).isEqualTo("virtio-pci");
    assertThat(shell("basename $(readlink /sys/class/net/eth0/device/driver)"))
        .isEqualTo("virtio_net");
    assertThat(interrupts()).isPositive();
    assertThat(platform.lvmm().assignments().sending(LINUX_FUNCTION).orElseThrow().partition())
        .isSameAs(linux.partition());
    assertThat(platform.unit().statistics().requests()).isPositive();
    assertNothingWasRefused();
  }

  @Test
  void resetOfOneLeavesTheOtherAtWork_andAFunctionThatIsTakenAwayDoesToo() throws Exception {
    start(PLATFORM);
    client(linux).ping(JAVA, LIMIT);

    platform.release(JAVA_FUNCTION);
    client(linux).ping(PEER, LIMIT);
    platform.assign(JAVA_FUNCTION, "java");
    client(linux).ping(JAVA, LIMIT);

    linux.engine().reset(LIMIT);
    client(java).ping(PEER, LIMIT);
    client(linux).ping(JAVA, LIMIT);
    assertNothingWasRefused();
  }

  @Test
  void twoLinuxesShareIt_andTheEndOfOneLeavesTheOtherAtWork() throws Exception {
    start(PLATFORM + ANOTHER);
    RunningPartition second = platform.partition("second");
    client(second).ping(LINUX, LIMIT);
    client(linux).ping(SECOND, LIMIT);
    assertThat(client(second).transfer(PEER, 4 << 20, LIMIT).isEqual()).isTrue();

    second.engine().kill();
    client(linux).ping(PEER, LIMIT);
    client(java).ping(LINUX, LIMIT);
    second.engine().start(LIMIT);
    client(second).ping(LINUX, LIMIT);
    assertNothingWasRefused();
  }
}
